foreach(module IN ITEMS base wrap)
  tcpadvise_unit_test(${module})
endforeach()
