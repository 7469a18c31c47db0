# Schemas of our own (src/formats/proto/*.proto) compiled by protoc-c.
file(GLOB EK_PROTO_FILES CONFIGURE_DEPENDS src/formats/proto/*.proto)
set(EK_PROTO_DIR ${PROJECT_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${EK_PROTO_DIR})
set(EK_PROTO_SOURCES)
foreach(file ${EK_PROTO_FILES})
  get_filename_component(name ${file} NAME_WE)
  add_custom_command(
    OUTPUT ${EK_PROTO_DIR}/${name}.pb-c.c ${EK_PROTO_DIR}/${name}.pb-c.h
    COMMAND ${EK_PROTOC_C} --c_out=${EK_PROTO_DIR} -I${PROJECT_SOURCE_DIR}/src/formats/proto ${file}
    DEPENDS ${EK_PROTO_FILES} VERBATIM)
  list(APPEND EK_PROTO_SOURCES ${EK_PROTO_DIR}/${name}.pb-c.c)
endforeach()
if(NOT EK_PROTO_SOURCES)
  file(WRITE ${EK_PROTO_DIR}/empty.c "typedef int ek_no_protos;\n")
  list(APPEND EK_PROTO_SOURCES ${EK_PROTO_DIR}/empty.c)
endif()
add_library(ek_protos OBJECT ${EK_PROTO_SOURCES})
target_include_directories(ek_protos SYSTEM PUBLIC ${EK_PROTO_DIR})
target_link_libraries(ek_protos PUBLIC PkgConfig::PROTOBUF_C)
target_compile_options(ek_protos PRIVATE -w)
