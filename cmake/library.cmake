# libevenkeel: one set of objects, a shared and a static library. A folder is a module; its files are found by globbing.
file(GLOB EK_MODULE_SOURCES CONFIGURE_DEPENDS
     src/base/*.c src/tensor/*.c src/io/*.c src/graph/*.c src/ops/*.c src/plan/*.c src/session/*.c
     src/formats/*.c src/doctor/*.c src/dist/*.c)
include(cmake/kernels.cmake)
include(cmake/protos.cmake)

add_library(ek_objects OBJECT ${EK_MODULE_SOURCES})
target_include_directories(ek_objects PUBLIC include PRIVATE src)
target_compile_definitions(ek_objects PRIVATE EK_BUILDING)
target_link_libraries(ek_objects PRIVATE OpenMP::OpenMP_C PkgConfig::PROTOBUF_C PkgConfig::LIBZIP PkgConfig::ZLIB ek_protos)
if(EK_ONEDNN)
  target_compile_definitions(ek_objects PRIVATE EK_ONEDNN)
endif()

# Layers see the public API only. They stand apart so that what writes src/layers/ops.c is built without it.
file(GLOB EK_LAYER_SOURCES CONFIGURE_DEPENDS src/layers/*.c)
add_library(ek_layers OBJECT ${EK_LAYER_SOURCES})
target_include_directories(ek_layers PUBLIC include PRIVATE src)
target_compile_definitions(ek_layers PRIVATE EK_BUILDING)

set(EK_LINK_LIBRARIES OpenMP::OpenMP_C PkgConfig::PROTOBUF_C PkgConfig::LIBZIP PkgConfig::ZLIB
    $<BUILD_INTERFACE:${EK_SNAPPY}> $<INSTALL_INTERFACE:snappy> $<BUILD_INTERFACE:${EK_ISAL}> $<INSTALL_INTERFACE:isal> m)
if(EK_ONEDNN)
  list(APPEND EK_LINK_LIBRARIES $<BUILD_INTERFACE:${EK_DNNL}> $<INSTALL_INTERFACE:dnnl>)
endif()

add_library(evenkeel_static STATIC $<TARGET_OBJECTS:ek_objects> $<TARGET_OBJECTS:ek_layers> $<TARGET_OBJECTS:ek_protos> $<TARGET_OBJECTS:ek_kernels>)
set_target_properties(evenkeel_static PROPERTIES OUTPUT_NAME evenkeel EXPORT_NAME static)
target_include_directories(evenkeel_static PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_link_libraries(evenkeel_static PUBLIC ${EK_LINK_LIBRARIES})

add_library(evenkeel SHARED $<TARGET_OBJECTS:ek_objects> $<TARGET_OBJECTS:ek_layers> $<TARGET_OBJECTS:ek_protos> $<TARGET_OBJECTS:ek_kernels>)
set_target_properties(evenkeel PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(evenkeel PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_link_libraries(evenkeel PRIVATE ${EK_LINK_LIBRARIES})
if(NOT EK_SANITIZE) # clang leaves a sanitizer's runtime to the program
  target_link_options(evenkeel PRIVATE -Wl,--no-undefined)
endif()
