# What monitoring systems read, given to their own programs.
set(parts contract)
if(NOT TCPADVISE_SANITIZE) # they look at what was written: once is enough
  list(APPEND parts promtool exporter)
endif()
foreach(part IN LISTS parts)
  tcpadvise_test(monitoring/${part} ${TCPADVISE_PYTHON} monitoring/test_monitoring.py ${part})
endforeach()
