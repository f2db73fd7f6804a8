#!/bin/sh
# docs/rules.md is what the packs say. To bring it up to date: tcpadvise rules list --format markdown
# --output docs/rules.md
set -eu
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
env -u XDG_CONFIG_HOME HOME="$home" "$TCPADVISE" rules list --format markdown |
	diff -u "$SOURCE/docs/rules.md" - | head -40 >"$home/diff"
if [ -s "$home/diff" ]; then
	cat "$home/diff"
	echo "docs/rules.md is not what the packs say: tcpadvise rules list --format markdown --output docs/rules.md"
	exit 1
fi
