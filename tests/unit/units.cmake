foreach(module IN ITEMS base cgroup schema states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
