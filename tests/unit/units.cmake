foreach(module IN ITEMS base states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
