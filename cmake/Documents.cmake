# The manual and the completions of shells, printed by the program that was built. A cross build
# needs an emulator for that (CMAKE_CROSSCOMPILING_EMULATOR), or goes without.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "cross build without an emulator: no manual, no completions")
  return()
endif()

set(documents_dir "${PROJECT_BINARY_DIR}/documents")
set(documents)

# tcpadvise_document(FILE DESTINATION ARGUMENT...): what "tcpadvise ARGUMENT..." prints.
function(tcpadvise_document file destination)
  add_custom_command(
    OUTPUT "${documents_dir}/${file}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${documents_dir}"
    COMMAND tcpadvise ${ARGN} --output "${documents_dir}/${file}"
    DEPENDS tcpadvise
    VERBATIM)
  set(documents ${documents} "${documents_dir}/${file}" PARENT_SCOPE)
  install(FILES "${documents_dir}/${file}" DESTINATION "${destination}")
endfunction()

tcpadvise_document(tcpadvise.1 "${CMAKE_INSTALL_MANDIR}/man1" manual)
tcpadvise_document(tcpadvise-rules.5 "${CMAKE_INSTALL_MANDIR}/man5" manual rules)
tcpadvise_document(tcpadvise
  "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" completion bash)
tcpadvise_document(_tcpadvise "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" completion zsh)
tcpadvise_document(tcpadvise.fish
  "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)
add_custom_target(tcpadvise_documents ALL DEPENDS ${documents})
