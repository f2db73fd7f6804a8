foreach(module IN ITEMS base tunables)
  tcpadvise_unit_test(${module})
endforeach()
