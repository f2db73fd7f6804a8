# --redact: verdicts stay, names go.
add_executable(redact_verdicts redact/verdicts.c)
target_link_libraries(redact_verdicts PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(redact/verdicts redact_verdicts)
tcpadvise_test(redact/schema ${TCPADVISE_PYTHON} redact/schema.py)
foreach(folder IN ITEMS fixtures/snapshots fixtures/hosts incidents redact/documents)
  file(GLOB documents CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.json")
  tcpadvise_test(redact/${folder} ${TCPADVISE_PYTHON} redact/documents.py ${documents})
endforeach()
