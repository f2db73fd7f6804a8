# One interface target carries the compiler's side of the house rules.
add_library(tcpadvise_flags INTERFACE)
target_compile_definitions(tcpadvise_flags INTERFACE _GNU_SOURCE)
target_compile_options(tcpadvise_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef -Wvla
  $<$<BOOL:${TCPADVISE_WERROR}>:-Werror>)

if(TCPADVISE_SANITIZE)
  target_compile_options(tcpadvise_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tcpadvise_flags INTERFACE -fsanitize=address,undefined)
endif()

if(TCPADVISE_COVERAGE)
  target_compile_options(tcpadvise_flags INTERFACE --coverage -O0)
  target_link_options(tcpadvise_flags INTERFACE --coverage)
endif()
