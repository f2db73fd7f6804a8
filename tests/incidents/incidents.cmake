# Each JSON file is a real incident; see run.py.
file(GLOB incidents CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "incidents/*.json")
foreach(incident IN LISTS incidents)
  string(REGEX REPLACE "^incidents/([0-9]+)-([a-z_0-9]+)-.*(-settings-only)?\\.json$" "\\1-\\2\\3" name "${incident}")
  tcpadvise_test(incidents/${name} ${TCPADVISE_PYTHON} incidents/run.py "${incident}")
endforeach()
