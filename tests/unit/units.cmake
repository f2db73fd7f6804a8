foreach(module IN ITEMS
  base
  cgroup
  release
  report
  rules
  schema
  slack
  states
  tunables
  wrap
)
  tcpadvise_unit_test(${module})
endforeach()
