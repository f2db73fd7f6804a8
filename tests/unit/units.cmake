foreach(module IN ITEMS base tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
