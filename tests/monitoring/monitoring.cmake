# What monitoring systems read, given to their own programs.
tcpadvise_test(monitoring/contract ${TCPADVISE_PYTHON} monitoring/test_monitoring.py contract)
foreach(part IN ITEMS promtool exporter)
  tcpadvise_test_once(monitoring/${part} ${TCPADVISE_PYTHON} monitoring/test_monitoring.py ${part})
endforeach()
