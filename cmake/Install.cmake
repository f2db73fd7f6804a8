# cmake --install: the program, libtcpadvise with its headers, pkg-config and CMake files, and the
# rule packs with their schemas as documentation (the program has its own copy compiled in).
install(TARGETS tcpadvise)
install(TARGETS tcpadvise_static tcpadvise_shared EXPORT tcpadviseTargets)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tcpadvise"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/rules/" DESTINATION "${CMAKE_INSTALL_DATADIR}/tcpadvise/rules"
  FILES_MATCHING PATTERN "*.json")
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# The .pc finds its prefix from where it lies, so that --prefix and DESTDIR move the whole tree.
file(RELATIVE_PATH PC_TO_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/tcpadvise.pc.in" tcpadvise.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tcpadvise.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tcpadvise")
install(EXPORT tcpadviseTargets NAMESPACE tcpadvise:: DESTINATION "${config_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/tcpadviseConfig.cmake.in"
  tcpadviseConfig.cmake INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file(tcpadviseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tcpadviseConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/tcpadviseConfigVersion.cmake" DESTINATION "${config_dir}")
