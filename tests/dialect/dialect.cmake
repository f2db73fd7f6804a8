# What each dialect prints, given to the tool that it is for.
add_executable(dialect_print dialect/print.c)
target_link_libraries(dialect_print PRIVATE tcpadvise_static tcpadvise_internal)
set(tools sysctl systemd limits nixos tuned)
if(NOT TCPADVISE_SANITIZE) # they take their time, and we none: once is enough
  list(APPEND tools containers kubernetes ansible)
endif()
foreach(tool IN LISTS tools)
  tcpadvise_test(dialect/${tool} ${TCPADVISE_PYTHON} dialect/test_${tool}.py
    $<TARGET_FILE:dialect_print>)
endforeach()
