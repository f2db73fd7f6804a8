foreach(module IN ITEMS
  base
  cgroup
  expr
  release
  rules
  schema
  states
  tunables
  wrap
)
  tcpadvise_unit_test(${module})
endforeach()
