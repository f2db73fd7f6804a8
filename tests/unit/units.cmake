foreach(module IN ITEMS base expr)
  tcpadvise_unit_test(${module})
endforeach()
