foreach(module IN ITEMS
  base
  cgroup
  expr
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
