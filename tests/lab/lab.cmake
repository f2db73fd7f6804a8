# Faults made in fresh network namespaces; the audit must name them.
foreach(scenario IN ITEMS close_wait_leak port_exhaustion accept_queue nofile half_open fin_wait2
    healthy cure)
  tcpadvise_test(lab/${scenario} ${TCPADVISE_PYTHON} lab/${scenario}.py)
endforeach()
