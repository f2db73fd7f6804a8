# tcpadvise_embed(TARGET ROOT FILE...): compile JSON files into TARGET as resources that
# ta_resource_find() returns by their path below ROOT; NAME=PATH is a file from elsewhere. To be
# called in the directory that made TARGET. Written in CMake so that a cross build needs no host
# tool.
function(tcpadvise_embed target root)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}_resources.c")
  list(JOIN ARGN "|" files)
  list(TRANSFORM ARGN PREPEND "${root}/" OUTPUT_VARIABLE paths)
  list(TRANSFORM paths REPLACE "^.*=" "")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -D "OUT=${out}" -D "ROOT=${root}" -D "FILES=${files}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS ${paths} "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}")
endfunction()
