# The command: cli/*.c, public API only.
file(GLOB EK_CLI_SOURCES CONFIGURE_DEPENDS cli/*.c)
if(EK_CLI_SOURCES)
  add_executable(evenkeel_command ${EK_CLI_SOURCES})
  set_target_properties(evenkeel_command PROPERTIES OUTPUT_NAME evenkeel RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
                        INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  target_link_libraries(evenkeel_command PRIVATE evenkeel PkgConfig::JANSSON OpenMP::OpenMP_C m)
endif()
