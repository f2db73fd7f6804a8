# Where captured bytes come from, member by member.
add_executable(import_members import/members.c)
target_link_libraries(import_members PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(import/source ${TCPADVISE_PYTHON} import/test_source.py
  $<TARGET_FILE:import_members>)
tcpadvise_test(import/sos ${TCPADVISE_PYTHON} import/test_sos.py $<TARGET_FILE:import_members>)
