# What tests/parity/run.py looks at afterwards: networks built, trained and saved through the public API.
add_executable(export_cases tests/parity/export_cases.c)
target_include_directories(export_cases PRIVATE tests)
target_link_libraries(export_cases PRIVATE evenkeel_static PkgConfig::CMOCKA)
target_compile_definitions(export_cases PRIVATE EK_TEST_TMP="${EK_TEST_TMP}")
set_target_properties(export_cases PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_test(NAME parity/export_cases COMMAND export_cases WORKING_DIRECTORY ${EK_TEST_TMP})
set_tests_properties(parity/export_cases PROPERTIES LABELS parity)
