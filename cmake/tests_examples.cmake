# The programs in examples/ are built with the tests; those with tests/examples/NAME.expected run and must print that.
file(GLOB EK_EXAMPLES CONFIGURE_DEPENDS examples/*.c)
foreach(file ${EK_EXAMPLES})
  get_filename_component(name ${file} NAME_WE)
  add_executable(example_${name} ${file})
  target_link_libraries(example_${name} PRIVATE evenkeel_static)
  set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/examples)
  set(expected ${PROJECT_SOURCE_DIR}/tests/examples/${name}.expected)
  if(EXISTS ${expected})
    add_test(NAME examples/${name} COMMAND sh ${PROJECT_SOURCE_DIR}/tests/examples/run.sh $<TARGET_FILE:example_${name}>
             ${expected} ${PROJECT_SOURCE_DIR}/data/digits WORKING_DIRECTORY ${EK_TEST_TMP})
    set_tests_properties(examples/${name} PROPERTIES LABELS examples)
  endif()
endforeach()
