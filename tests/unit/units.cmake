foreach(module IN ITEMS base release schema states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
