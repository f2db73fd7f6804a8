# Live and recorded kernels: what a snapshot says of sockets that a test made itself.
tcpadvise_test(collect/states ${TCPADVISE_PYTHON} collect/test_states.py)
tcpadvise_test(collect/access ${TCPADVISE_PYTHON} collect/test_access.py)
tcpadvise_test(collect/kernel_log ${TCPADVISE_PYTHON} collect/test_kernel_log.py)
tcpadvise_test(collect/queues ${TCPADVISE_PYTHON} collect/test_queues.py)
tcpadvise_test(collect/owners ${TCPADVISE_PYTHON} collect/test_owners.py)
tcpadvise_test(collect/quiet ${TCPADVISE_PYTHON} collect/test_quiet.py)
tcpadvise_test(collect/facts ${TCPADVISE_PYTHON} collect/test_facts.py)
tcpadvise_test(collect/groups ${TCPADVISE_PYTHON} collect/test_groups.py)
tcpadvise_test(collect/netns ${TCPADVISE_PYTHON} collect/test_netns.py)
add_executable(collect_at_root collect/at_root.c)
target_link_libraries(collect_at_root PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(collect/settings ${TCPADVISE_PYTHON} collect/test_settings.py
  $<TARGET_FILE:collect_at_root>)
tcpadvise_test(collect/limits ${TCPADVISE_PYTHON} collect/test_limits.py
  $<TARGET_FILE:collect_at_root>)
