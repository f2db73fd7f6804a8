foreach(module IN ITEMS base)
  tcpadvise_unit_test(${module})
endforeach()
