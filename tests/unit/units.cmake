foreach(module IN ITEMS
  base
  cgroup
  release
  rules
  schema
  states
  tunables
  wrap
)
  tcpadvise_unit_test(${module})
endforeach()
