# TCPADVISE_BPF: whether the kernel is asked by BPF who holds its sockets. AUTO takes it where clang
# (for the BPF target) and libbpf's headers are; the library itself is loaded at run time, when it
# is wanted. TCPADVISE_BPF_CLANG is the compiler, empty without.
set(TCPADVISE_BPF AUTO CACHE STRING "Owners of sockets by BPF: AUTO, ON or OFF")
set_property(CACHE TCPADVISE_BPF PROPERTY STRINGS AUTO ON OFF)
set(TCPADVISE_BPF_CLANG "")
if(TCPADVISE_BPF)
  pkg_check_modules(LIBBPF QUIET libbpf>=1.0)
  find_program(TCPADVISE_CLANG clang)
  if(LIBBPF_FOUND AND TCPADVISE_CLANG)
    set(TCPADVISE_BPF_CLANG "${TCPADVISE_CLANG}")
  elseif(NOT TCPADVISE_BPF STREQUAL AUTO)
    message(FATAL_ERROR "TCPADVISE_BPF=${TCPADVISE_BPF} needs clang and libbpf 1.0 (libbpf-dev)")
  else()
    message(STATUS "Without BPF: clang or libbpf 1.0 is missing")
  endif()
endif()

# tcpadvise_bpf(TARGET DIR): TARGET asks the kernel who holds its sockets, where that can be built.
# DIR has owners.bpf.c and what loads it, or does without. To be called in the directory that made
# TARGET.
function(tcpadvise_bpf target dir)
  if(NOT TCPADVISE_BPF_CLANG)
    target_sources(${target} PRIVATE "${dir}/without.c")
    return()
  endif()
  set(object "${CMAKE_CURRENT_BINARY_DIR}/owners.bpf.o")
  add_custom_command(
    OUTPUT "${object}"
    COMMAND "${TCPADVISE_BPF_CLANG}" -O2 -g -target bpf -Wall -Werror
            -isystem "/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}"
            -c "${dir}/owners.bpf.c" -o "${object}"
    DEPENDS "${dir}/owners.bpf.c" "${dir}/kernel.h" "${dir}/wire.h"
    VERBATIM)
  set_source_files_properties("${dir}/owners.c" PROPERTIES
    COMPILE_DEFINITIONS "TCPADVISE_OWNERS_OBJECT=\"${object}\"" OBJECT_DEPENDS "${object}")
  target_sources(${target} PRIVATE "${dir}/libbpf.c" "${dir}/owners.c")
endfunction()
