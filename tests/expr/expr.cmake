# Language cases: tests/expr/*.test, the format is described in run_cases.c. Included from
# tests/CMakeLists.txt.
add_executable(expr_cases expr/run_cases.c)
target_link_libraries(expr_cases PRIVATE tcpadvise_static tcpadvise_internal)
file(GLOB cases CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.test")
foreach(file IN LISTS cases)
  cmake_path(GET file STEM name)
  tcpadvise_test(expr/${name} expr_cases ${file})
endforeach()
tcpadvise_test(expr/document expr_cases "${PROJECT_SOURCE_DIR}/docs/rule-language.md")
tcpadvise_test(expr/command ${TCPADVISE_PYTHON} expr/test_command.py)

# test_expr.c makes allocations fail, those of the library and of jansson.
target_link_options(test_expr PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup)
