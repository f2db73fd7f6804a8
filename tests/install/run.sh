#!/usr/bin/env bash
# Installs the build below a temporary prefix and uses the library as a stranger would: by its
# CMake package (shared and static) and by pkg-config; then runs the installed program.
# usage: run.sh BUILD_DIR
set -euo pipefail

build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
flags=$(sed -n 's/^TCPADVISE_SANITIZE:BOOL=ON$/-fsanitize=address,undefined/p' "$build/CMakeCache.txt")

cmake -S "$here" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_C_FLAGS="$flags" >"$work/configure.log"
cmake --build "$work/consumer" >"$work/build.log"
for kind in shared static; do
  [ "$("$work/consumer/$kind")" = tcpadvise.report/1 ]
  echo "CMake package, $kind library: ok"
done

libdir=$(dirname "$(find "$work/prefix" -name tcpadvise.pc)")
export PKG_CONFIG_PATH=$libdir
# shellcheck disable=SC2046,SC2086 # flags are words
"${CC:-cc}" $flags "$here/consumer.c" $(pkg-config --cflags --libs tcpadvise) \
  -o "$work/by-pkg-config"
[ "$(LD_LIBRARY_PATH=${libdir%/pkgconfig} "$work/by-pkg-config")" = tcpadvise.report/1 ]
echo "pkg-config: ok"

# Nothing but the public contract is visible in the shared library.
if nm -D --defined-only "${libdir%/pkgconfig}/libtcpadvise.so" | awk '{print $3}' | grep -v '^ta_'; then
  echo "the shared library exports foreign names" >&2
  exit 1
fi

# The manual and the completions are where man(1) and each shell look.
for file in man/man1/tcpadvise.1 man/man5/tcpadvise-rules.5 fish/vendor_completions.d/tcpadvise.fish \
  bash-completion/completions/tcpadvise zsh/site-functions/_tcpadvise; do
  [ -s "$work/prefix/share/$file" ] || { echo "share/$file is not there" >&2; exit 1; }
done
"$work/prefix/bin/tcpadvise" --version
