foreach(module IN ITEMS base schema rules states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
