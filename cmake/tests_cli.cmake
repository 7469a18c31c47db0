# Tests of the command: tests/cli/NAME.sh says what is expected in NAME.stdout.exact or NAME.stdout.glob.
# tests/cli/rewrite makes those files again.
file(GLOB EK_CLI_CASES CONFIGURE_DEPENDS tests/cli/*.sh)
foreach(case ${EK_CLI_CASES})
  get_filename_component(name ${case} NAME_WE)
  add_test(NAME cli/${name} COMMAND sh ${PROJECT_SOURCE_DIR}/tests/cli/run $<TARGET_FILE:evenkeel_command> ${case}
           ${EK_TEST_TMP}/cli/${name})
  set_tests_properties(cli/${name} PROPERTIES LABELS cli SKIP_RETURN_CODE 77)
endforeach()
