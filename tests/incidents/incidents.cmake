# Each JSON file is a real incident; see run.py.
file(GLOB incidents CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "incidents/*.json")
foreach(incident IN LISTS incidents)
  get_filename_component(name "${incident}" NAME_WLE)
  tcpadvise_test(incidents/${name} ${TCPADVISE_PYTHON} incidents/run.py "${incident}")
endforeach()
