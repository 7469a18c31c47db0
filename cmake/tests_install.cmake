# Tests of what a user gets: an installed tree, found from outside by pkg-config and by CMake; the kernels alone.
set(EK_INSTALLED ${EK_TEST_TMP}/installed)
set(EK_CONSUMER_FLAGS ${CMAKE_C_FLAGS})
if(EK_SANITIZE)
  set(EK_CONSUMER_FLAGS -fsanitize=${EK_SANITIZE})
endif()
add_test(NAME install/install COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${EK_INSTALLED})
add_test(NAME install/pkg_config COMMAND sh ${PROJECT_SOURCE_DIR}/tests/install/pkg_config.sh ${EK_INSTALLED} ${CMAKE_INSTALL_LIBDIR})
add_test(NAME install/find_package COMMAND sh ${PROJECT_SOURCE_DIR}/tests/install/find_package.sh ${EK_INSTALLED} ${CMAKE_COMMAND})
add_test(NAME install/command COMMAND sh ${PROJECT_SOURCE_DIR}/tests/install/command.sh ${EK_INSTALLED} ${CMAKE_INSTALL_MANDIR})
set_tests_properties(install/install PROPERTIES LABELS install FIXTURES_SETUP installed)
set_tests_properties(install/pkg_config install/find_package install/command PROPERTIES LABELS install FIXTURES_REQUIRED installed
                     ENVIRONMENT "CC=${CMAKE_C_COMPILER};CFLAGS=${EK_CONSUMER_FLAGS};CXXFLAGS=${EK_CONSUMER_FLAGS}")
add_test(NAME install/kernels_only COMMAND sh tests/install/kernels_only.sh ${CMAKE_COMMAND} ${CMAKE_CTEST_COMMAND} ${CMAKE_C_COMPILER}
         ${EK_TEST_TMP}/kernels_only WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(install/kernels_only PROPERTIES LABELS install)
add_test(NAME install/copied COMMAND sh tests/install/copied.sh ${CMAKE_C_COMPILER} ${EK_TEST_TMP}/copied
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(install/copied PROPERTIES LABELS install)
if(NOT EK_SANITIZE)
  add_test(NAME install/kernel_sizes COMMAND sh bench/kernel_sizes.sh $<TARGET_OBJECTS:ek_kernels>
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMAND_EXPAND_LISTS)
  set_tests_properties(install/kernel_sizes PROPERTIES LABELS install SKIP_RETURN_CODE 77)
  add_test(NAME install/neon COMMAND sh tests/install/neon.sh ${CMAKE_COMMAND} ${CMAKE_CTEST_COMMAND} ${EK_TEST_TMP}/neon
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(install/neon PROPERTIES LABELS install SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()
