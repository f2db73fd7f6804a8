foreach(module IN ITEMS base wrap report slack)
  tcpadvise_unit_test(${module})
endforeach()
