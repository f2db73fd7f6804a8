# Speed and memory beside `ss`: bench/bench.py measures, and docs/benchmarks.md says how to read
# it. ctest runs it with a handful of sockets, so that it can't rot.
foreach(program IN ITEMS farm drain timed)
  add_executable(bench_${program} bench/${program}.c)
  target_link_libraries(bench_${program} PRIVATE tcpadvise_flags)
  set_target_properties(bench_${program} PROPERTIES
    OUTPUT_NAME ${program} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
endforeach()
tcpadvise_test_once(bench/smoke ${TCPADVISE_PYTHON} bench/bench.py --smoke)

# Snapshots a second: bench/stream.py.
tcpadvise_test(bench/stream ${TCPADVISE_PYTHON} bench/stream.py --smoke)

# What conditions and evaluations of the rules cost: bench/rules, over a snapshot of the fixtures.
add_executable(bench_rules bench/rules.c)
target_link_libraries(bench_rules PRIVATE tcpadvise_static tcpadvise_internal)
set_target_properties(bench_rules PROPERTIES
  OUTPUT_NAME rules RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
tcpadvise_test(bench/rules bench_rules
  "${CMAKE_CURRENT_LIST_DIR}/../fixtures/snapshots/port-exhaustion.json" 1)
