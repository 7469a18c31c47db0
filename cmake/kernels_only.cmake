# -DEK_KERNELS_ONLY=ON: libevenkeel_kernels, made of src/kernels and its one header with a C17 compiler and nothing else.
# OpenMP is used where it is found (-DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON: not even there), and the kernels' own tests are
# built where cmocka is.
find_package(OpenMP COMPONENTS C)
include(cmake/kernels.cmake)
add_library(evenkeel_kernels $<TARGET_OBJECTS:ek_kernels>)
set_target_properties(evenkeel_kernels PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(evenkeel_kernels PUBLIC include)
target_link_libraries(evenkeel_kernels PRIVATE ${EK_KERNEL_LIBRARIES})
install(TARGETS evenkeel_kernels)
install(FILES include/evenkeel/kernels.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/evenkeel)

if(EK_TESTS)
  enable_testing()
  add_executable(example_kernels examples/kernels.c)
  target_link_libraries(example_kernels PRIVATE evenkeel_kernels)
  add_test(NAME examples/kernels COMMAND sh ${PROJECT_SOURCE_DIR}/tests/examples/run.sh $<TARGET_FILE:example_kernels>
           ${PROJECT_SOURCE_DIR}/tests/examples/kernels.expected)
  find_package(PkgConfig)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
  endif()
  if(TARGET PkgConfig::CMOCKA)
    file(GLOB EK_TEST_FILES CONFIGURE_DEPENDS tests/kernels/test_*.c)
  endif()
  foreach(file ${EK_TEST_FILES}) # with the objects, not the library: some call what a shared one hides
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file} $<TARGET_OBJECTS:ek_kernels>)
    target_include_directories(${name} PRIVATE include src tests)
    target_link_libraries(${name} PRIVATE ${EK_KERNEL_LIBRARIES} PkgConfig::CMOCKA)
    add_test(NAME kernels/${name} COMMAND ${name})
  endforeach()
endif()
