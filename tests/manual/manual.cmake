# The manual, --help and the completions, held against each other and against those who read them.
tcpadvise_test(manual/pages ${TCPADVISE_PYTHON} manual/pages.py)
tcpadvise_test_once(manual/completion ${TCPADVISE_PYTHON} manual/completion.py)
