# What each dialect prints, given to the tool that it is for.
add_executable(dialect_print dialect/print.c)
target_link_libraries(dialect_print PRIVATE tcpadvise_static tcpadvise_internal)
foreach(tool IN ITEMS sysctl systemd limits nixos tuned)
  tcpadvise_test(dialect/${tool} ${TCPADVISE_PYTHON} dialect/test_${tool}.py
    $<TARGET_FILE:dialect_print>)
endforeach()
foreach(tool IN ITEMS containers kubernetes ansible)
  tcpadvise_test_once(dialect/${tool} ${TCPADVISE_PYTHON} dialect/test_${tool}.py
    $<TARGET_FILE:dialect_print>)
endforeach()
