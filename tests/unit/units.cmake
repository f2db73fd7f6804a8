foreach(module IN ITEMS base release states tunables wrap)
  tcpadvise_unit_test(${module})
endforeach()
