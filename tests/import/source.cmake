# Where captured bytes come from, member by member.
add_executable(import_members import/members.c)
target_link_libraries(import_members PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(import/source ${TCPADVISE_PYTHON} import/test_source.py
  $<TARGET_FILE:import_members>)
tcpadvise_test(import/sos ${TCPADVISE_PYTHON} import/test_sos.py $<TARGET_FILE:import_members>)
tcpadvise_test(import/hostile ${TCPADVISE_PYTHON} import/test_hostile.py)

# Tools of this machine in namespaces with a fault, against the live audit of them.
tcpadvise_test_once(import/live ${TCPADVISE_PYTHON} import/test_live.py)
if(TEST import/live)
  set_tests_properties(import/live PROPERTIES TIMEOUT 600 COST 1) # sos takes its time
endif()
# What takes long begins early, so that at the end nothing is waited for alone.
set_tests_properties(import/hostile PROPERTIES COST 1)

tcpadvise_test(import/next ${TCPADVISE_PYTHON} import/test_next.py)

# Recorded captures of several generations of kernels and tools, and the verdict on them.
tcpadvise_test(import/generations ${TCPADVISE_PYTHON} import/captures.py fixtures/captures)

# What captured text is understood as, a folder of cases a family of formats.
file(GLOB areas CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_LIST_DIR}"
  "${CMAKE_CURRENT_LIST_DIR}/*")
foreach(area IN LISTS areas)
  if(IS_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}/${area}" AND NOT area MATCHES "^__")
    tcpadvise_test(import/${area} ${TCPADVISE_PYTHON} import/run.py import/${area})
  endif()
endforeach()
