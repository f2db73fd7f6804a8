add_executable(report_render report/render.c)
target_link_libraries(report_render PRIVATE tcpadvise_static tcpadvise_internal)

tcpadvise_test(report/render ${TCPADVISE_PYTHON} report/check_render.py $<TARGET_FILE:report_render>)
tcpadvise_test(report/ticket ${TCPADVISE_PYTHON} report/check_ticket.py $<TARGET_FILE:report_render>)
tcpadvise_test(report/html ${TCPADVISE_PYTHON} report/check_html.py)
tcpadvise_test_once(report/html-browser ${TCPADVISE_PYTHON} report/check_html_browser.py)
tcpadvise_test(report/examples ${TCPADVISE_PYTHON} report/check_examples.py)
