# What apply and revert do to a host: one of its own, made of namespaces and empty file systems.

tcpadvise_test(apply/changes ${TCPADVISE_PYTHON} apply/test_apply.py)

# Once, with the program that users get: no sanitizer bears another library before its own.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_library(crash_at MODULE apply/crash_at.c)
  target_link_libraries(crash_at PRIVATE ${CMAKE_DL_LIBS})
  tcpadvise_test(apply/crash ${TCPADVISE_PYTHON} apply/test_crash.py $<TARGET_FILE:crash_at>)
endif()
