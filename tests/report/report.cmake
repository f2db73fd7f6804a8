add_executable(report_render report/render.c)
target_link_libraries(report_render PRIVATE tcpadvise_static)
