add_executable(deliver_post deliver/post.c)
target_link_libraries(deliver_post PRIVATE tcpadvise_static tcpadvise_internal)

tcpadvise_test(deliver/receiver ${TCPADVISE_PYTHON} deliver/test_receiver.py $<TARGET_FILE:deliver_post>)
tcpadvise_test(deliver/audit ${TCPADVISE_PYTHON} deliver/test_audit.py)
