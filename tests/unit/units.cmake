foreach(module IN ITEMS base schema states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
