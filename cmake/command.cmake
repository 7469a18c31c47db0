# The command: cli/*.c, public API only. It finds the digits from where it stands: in an installed tree, or by a link that
# the build makes beside it.
file(GLOB EK_CLI_SOURCES CONFIGURE_DEPENDS cli/*.c)
add_executable(evenkeel_command ${EK_CLI_SOURCES})
set_target_properties(evenkeel_command PROPERTIES OUTPUT_NAME evenkeel RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
                      INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
target_link_libraries(evenkeel_command PRIVATE evenkeel PkgConfig::JANSSON OpenMP::OpenMP_C m)
file(RELATIVE_PATH EK_DATA_FROM_BIN ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_DATADIR}/evenkeel)
set_source_files_properties(cli/data.c PROPERTIES COMPILE_DEFINITIONS EK_DATA_FROM_BIN="${EK_DATA_FROM_BIN}")
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/data/digits ${PROJECT_BINARY_DIR}/digits SYMBOLIC)
