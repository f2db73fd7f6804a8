# Speed and memory beside `ss`: bench/bench.py measures, and docs/benchmarks.md says how to read
# it. ctest runs it with a handful of sockets, so that it can't rot.
foreach(program IN ITEMS farm drain timed)
  add_executable(bench_${program} bench/${program}.c)
  target_link_libraries(bench_${program} PRIVATE tcpadvise_flags)
  set_target_properties(bench_${program} PROPERTIES
    OUTPUT_NAME ${program} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
endforeach()
tcpadvise_test(bench/smoke ${TCPADVISE_PYTHON} bench/bench.py --smoke)
