foreach(module IN ITEMS base builder cgroup collect counters fold proc_tcp sock_diag schema states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
