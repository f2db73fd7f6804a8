# Each directory with a file "cmd" is a case of tools/golden.py.
file(GLOB_RECURSE commands CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}/golden"
  "golden/cmd")
foreach(command IN LISTS commands)
  get_filename_component(case "${command}" DIRECTORY)
  tcpadvise_test(golden/${case} ${TCPADVISE_PYTHON} tools/golden.py golden/${case})
endforeach()
