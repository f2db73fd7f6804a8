# The cases that the packs bring along, what all of them advise on every kernel, and the book.
tcpadvise_test(rules/cases tcpadvise rules test)
add_executable(rules_kernels rules/kernels.c)
target_link_libraries(rules_kernels PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(rules/kernels rules_kernels)
# A plan of each case, and of whole hosts.
file(GLOB planned CONFIGURE_DEPENDS
  "${CMAKE_CURRENT_SOURCE_DIR}/fixtures/hosts/*.json"
  "${CMAKE_CURRENT_SOURCE_DIR}/fixtures/snapshots/*.json")
add_executable(rules_plans rules/plans.c)
target_link_libraries(rules_plans PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test(rules/plans rules_plans ${planned})
tcpadvise_test(rules/book rules/book.sh)

# Every catalogue of rules/lang is complete, and changes words only: of each case, and of what is
# planned above.
tcpadvise_test(rules/language ${TCPADVISE_PYTHON} tools/catalogue.py check
  "${PROJECT_SOURCE_DIR}/rules" "${PROJECT_SOURCE_DIR}/src")
add_executable(rules_languages rules/languages.c)
target_link_libraries(rules_languages PRIVATE tcpadvise_static tcpadvise_internal)
tcpadvise_test_once(rules/languages rules_languages ${planned})

# Hosts on which nothing may be said, and mistakes of others that must not be made.
file(GLOB hosts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fixtures/hosts/*.json")
foreach(host IN LISTS hosts)
  get_filename_component(name "${host}" NAME)
  string(REGEX REPLACE "\\.json$" "" name "${name}")
  tcpadvise_test(hosts/${name} ${TCPADVISE_PYTHON} rules/hosts.py "${host}")
endforeach()
file(GLOB anchors CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/rules/anchors/*.json")
foreach(anchor IN LISTS anchors)
  get_filename_component(name "${anchor}" NAME_WE)
  tcpadvise_test(anchors/${name} ${TCPADVISE_PYTHON} rules/anchors.py "${anchor}")
endforeach()
tcpadvise_test(rules/absent ${TCPADVISE_PYTHON} rules/absent.py
  "${CMAKE_CURRENT_SOURCE_DIR}/fixtures/hosts/reverse-proxy.json")
tcpadvise_test(rules/document ${TCPADVISE_PYTHON} rules/document.py)
