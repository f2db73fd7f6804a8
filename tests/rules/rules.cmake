# The cases that the packs bring along, what all of them advise on every kernel, and the book.
tcpadvise_test(rules/cases tcpadvise rules test)
add_executable(rules_kernels rules/kernels.c)
target_link_libraries(rules_kernels PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(rules/kernels rules_kernels)
tcpadvise_test(rules/book rules/book.sh)
