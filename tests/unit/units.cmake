foreach(module IN ITEMS
  agreement
  apply
  assume
  base
  bounds
  builder
  cgroup
  collect
  command
  counters
  decode
  dialect
  diff
  expr
  fold
  groups
  headroom
  interfaces
  json
  kernel_log
  kmsg
  language
  lets
  lines
  key_owner
  limits
  load
  member
  managers
  memory
  ndjson
  netns
  next
  pids
  plan
  proc_tcp
  provenance
  redact
  qdisc
  release
  report
  rules
  runtimes
  schema
  settings
  sha256
  site
  slack
  sock_diag
  softnet
  states
  tunables
  tuned
  wrap
)
  tcpadvise_unit_test(${module})
endforeach()

# The program's own, not in the library.
target_sources(test_ndjson PRIVATE "${PROJECT_SOURCE_DIR}/src/cli/ndjson.c")

# Each allocation of the program's own fails once.
target_link_options(test_memory PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup)

# What is in use is counted.
target_link_options(test_bounds PRIVATE
  LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=free)
