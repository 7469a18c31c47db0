# Typed builders from the registry of ops: `make generate` writes them, a test of the tree fails when they are not current.
add_executable(gen_ops EXCLUDE_FROM_ALL tools/gen_ops.c tools/gen_describe.c tools/gen_builders.c tools/gen_tables.c
               $<TARGET_OBJECTS:ek_objects> $<TARGET_OBJECTS:ek_protos> $<TARGET_OBJECTS:ek_kernels>)
target_include_directories(gen_ops PRIVATE include src)
target_link_libraries(gen_ops PRIVATE ${EK_LINK_LIBRARIES})
add_custom_target(generate COMMAND sh ${PROJECT_SOURCE_DIR}/tools/generate.sh $<TARGET_FILE:gen_ops> ${PROJECT_SOURCE_DIR}
                  DEPENDS gen_ops)
if(EK_TESTS)
  set_target_properties(gen_ops PROPERTIES EXCLUDE_FROM_ALL OFF)
  ek_meta_test(generated sh tools/generate.sh --check $<TARGET_FILE:gen_ops> ${PROJECT_SOURCE_DIR})
endif()
