# TCPADVISE_ARCHIVE: whether reports are read from archives. AUTO takes it where libarchive's headers
# are; the library itself is loaded at run time, when it is wanted.
set(TCPADVISE_ARCHIVE AUTO CACHE STRING "Captured archives by libarchive: AUTO, ON or OFF")
set_property(CACHE TCPADVISE_ARCHIVE PROPERTY STRINGS AUTO ON OFF)
if(TCPADVISE_ARCHIVE)
  pkg_check_modules(ARCHIVE QUIET libarchive>=3.3.3)
  if(NOT ARCHIVE_FOUND AND NOT TCPADVISE_ARCHIVE STREQUAL AUTO)
    message(FATAL_ERROR "TCPADVISE_ARCHIVE=${TCPADVISE_ARCHIVE} needs libarchive 3.3.3 (libarchive-dev)")
  elseif(NOT ARCHIVE_FOUND)
    message(STATUS "Without archives: libarchive 3.3.3 is missing")
  endif()
endif()
