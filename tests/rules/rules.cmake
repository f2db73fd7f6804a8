# The cases that the packs bring along, and what all of them advise on every kernel.
tcpadvise_test(rules/cases tcpadvise rules test)
add_executable(rules_kernels rules/kernels.c)
target_link_libraries(rules_kernels PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(rules/kernels rules_kernels)
