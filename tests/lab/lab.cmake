# Faults made in fresh namespaces and in a kernel of their own; the audit must name them, and what it prints must
# cure them. Once, with the program that users get: no sanitizer runs in user-mode-linux.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  file(GLOB scenarios CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/lab/scenarios/*.py")
  set(lab_tests)
  foreach(scenario IN LISTS scenarios ITEMS replay.py)
    get_filename_component(name "${scenario}" NAME_WE)
    tcpadvise_test(lab/${name} ${TCPADVISE_PYTHON} lab/run ${name})
    set_property(TEST lab/${name} APPEND PROPERTY ENVIRONMENT
      "TCPADVISE_LAB_RESULTS=${PROJECT_BINARY_DIR}/lab")
    list(APPEND lab_tests lab/${name})
  endforeach()
  # After the last of them: every rule is proved or replayed, and docs/lab.md says how.
  tcpadvise_test(lab/table ${TCPADVISE_PYTHON} lab/run --table --check "${PROJECT_SOURCE_DIR}/docs/lab.md")
  set_property(TEST lab/table APPEND PROPERTY ENVIRONMENT "TCPADVISE_LAB_RESULTS=${PROJECT_BINARY_DIR}/lab")
  set_property(TEST lab/table PROPERTY DEPENDS "${lab_tests}")
endif()
