# lib.sh - what the scripts share: where the tree is, which packages it takes, how it is built.
# To be sourced. Standard output belongs to the caller; all that is said here goes to standard
# error.
# shellcheck shell=bash
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"

# Debian's names. Building needs the first list only.
# shellcheck disable=SC2034 # used by those who source this
build_packages=(gcc libc6-dev make cmake pkg-config
	libjansson-dev libmnl-dev libcurl4-openssl-dev ca-certificates libpcre2-dev
	libarchive-dev    # for captured archives
	clang libbpf-dev) # for owners of sockets by BPF
# shellcheck disable=SC2034
test_packages=(libcmocka-dev python3 python3-jsonschema iproute2 openssl util-linux procps strace
	cmark-gfm jq # what is printed, as others read it
	groff-base man-db mandoc zsh fish # for the manual and the completions
	sosreport net-tools conntrack zstd # for reports and pastes as others make them
	# The lab: machines, faults and cures, and programs that users run.
	user-mode-linux kmod nftables iptables ethtool tcpdump curl systemd
	haproxy nginx redis-server postgresql python3-psycopg2 nodejs wrk
	chromium # for the HTML report
	# Tools that read what is printed in their language, and what the unpacked ones below load.
	podman crun docker-compose python3-kubernetes python3-yaml ansible-core nix-bin
	python3-dbus python3-gi python3-linux-procfs python3-pyudev)
# shellcheck disable=SC2034
lint_packages=(clang-format clang-tidy cppcheck shellcheck)

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$@"
	exit 1
}

is_installed() {
	[[ $(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die "not root, and there is no sudo; as root: $*"
	fi
}

# install_missing PACKAGE...: asks apt for what is not installed; when nothing is missing it
# does nothing, and takes no time. Never removes a package to make room for another.
install_missing() {
	local package missing=()

	if ! command -v dpkg-query >/dev/null; then
		say "this is no Debian; going on with what is here. Debian's names: $*"
		return
	fi
	for package; do
		is_installed "$package" || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	say "installing ${#missing[@]} Debian packages: ${missing[*]}"
	as_root apt-get update -q </dev/null >&2
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-remove \
		--no-install-recommends "${missing[@]}" </dev/null >&2
}

# unpack PACKAGE PATH...: these files of a Debian package go into build/unpacked and not into the
# system, for the package is large, or starts a daemon that has no business on a developer's machine.
unpack() {
	local package=$1 directory=$root/build/unpacked temporary

	shift
	[[ -e $directory/$1 ]] || {
		temporary=$(mktemp -d)
		chmod 755 "$temporary"
		mkdir -p "$directory"
		say "unpacking a part of Debian's $package"
		(cd "$temporary" && apt-get download -q "$package" >&2 &&
			dpkg-deb --fsys-tarfile ./*.deb | tar -x -C "$directory" "${@/#/./}") ||
			say "could not; the tests that need it are skipped"
		rm -rf "$temporary"
	}
}

# unpack_missing: what the tests of dialects and of metrics take from there.
unpack_missing() {
	local python=usr/lib/python3/dist-packages

	command -v apt-get >/dev/null || return 0
	command -v docker >/dev/null || unpack docker.io usr/bin/docker
	command -v promtool >/dev/null || unpack prometheus usr/bin/promtool
	command -v prometheus-node-exporter >/dev/null ||
		unpack prometheus-node-exporter usr/bin/prometheus-node-exporter
	unpack tuned usr/sbin/tuned "$python/tuned" usr/lib/tuned
	unpack ansible "$python/ansible_collections/ansible/posix" \
		"$python/ansible_collections/community/general/plugins/modules/pam_limits.py"
}

# build PRESET TARGET [OPTION...]: configures with the options, compiles. Silent when it goes
# well; the log is shown when it does not.
build() {
	local preset=$1 target=$2 log=build/$1.log

	shift 2
	mkdir -p build
	if ! { cmake --preset "$preset" "$@" &&
		cmake --build --preset "$preset" --target "$target" --parallel "$(nproc)"; } \
		</dev/null >"$log" 2>&1; then
		cat "$log" >&2
		die "building $preset failed; the log is $log"
	fi
}
