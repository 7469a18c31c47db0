# make install: library, headers, command, data, man pages, completion; found again by pkg-config and find_package.
include(CMakePackageConfigHelpers)
set(EK_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/evenkeel)

# The shared library needs nothing of its user; the static one drags in what it links, so it is a component of its own.
install(TARGETS evenkeel EXPORT evenkeel LIBRARY)
install(TARGETS evenkeel_static EXPORT evenkeel_static ARCHIVE)
install(EXPORT evenkeel NAMESPACE evenkeel:: FILE evenkeelTargets.cmake DESTINATION ${EK_CMAKE_DIR})
install(EXPORT evenkeel_static NAMESPACE evenkeel:: FILE evenkeelStaticTargets.cmake DESTINATION ${EK_CMAKE_DIR})
configure_package_config_file(cmake/evenkeelConfig.cmake.in evenkeelConfig.cmake INSTALL_DESTINATION ${EK_CMAKE_DIR}
                              NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(evenkeelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/evenkeelConfig.cmake ${PROJECT_BINARY_DIR}/evenkeelConfigVersion.cmake
        DESTINATION ${EK_CMAKE_DIR})

file(RELATIVE_PATH EK_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
# Not Requires.private: that would drag in what these were built with (libzip: bz2, ssl), which a user need not have.
set(EK_PC_PRIVATE "-lprotobuf-c -lzip -lz -lsnappy -lisal ${OpenMP_C_FLAGS} -lm")
if(EK_ONEDNN)
  string(PREPEND EK_PC_PRIVATE "-ldnnl ")
endif()
configure_file(cmake/evenkeel.pc.in evenkeel.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/evenkeel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY include/evenkeel TYPE INCLUDE)
install(DIRECTORY data/digits DESTINATION ${CMAKE_INSTALL_DATADIR}/evenkeel)
if(TARGET evenkeel_command)
  install(TARGETS evenkeel_command RUNTIME)
endif()
file(GLOB EK_MAN_PAGES CONFIGURE_DEPENDS docs/man/*.1)
if(EK_MAN_PAGES)
  install(FILES ${EK_MAN_PAGES} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
# cli/completion holds one file a shell, under the name that shell looks for.
foreach(completion evenkeel:bash-completion/completions _evenkeel:zsh/site-functions evenkeel.fish:fish/vendor_completions.d)
  string(REGEX MATCH "^[^:]+" name ${completion})
  string(REGEX REPLACE "^[^:]+:" "" folder ${completion})
  if(EXISTS ${PROJECT_SOURCE_DIR}/cli/completion/${name})
    install(FILES cli/completion/${name} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
  endif()
endforeach()
