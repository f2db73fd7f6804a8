#!/usr/bin/env python3
"""Reads the #include lines of src/ and fails on one that points the wrong way.

The way through the house is in docs/architecture.md: each folder may include its own headers,
the public ones of the stages that it may use, and those of the folders named here."""
import os
import re
import sys

MAY_USE = {
    "base": set(),
    "snapshot": {"base"},
    "sockets": {"snapshot", "base"},
    "collect": {"sockets", "snapshot", "base"},
    "import": {"sockets", "snapshot", "base"},
    "expr": {"base"},
    "dialect": {"snapshot", "base"},
    "rules": {"dialect", "expr", "snapshot", "base"},
    "report": {"rules", "snapshot", "base"},
    "diff": {"report", "snapshot", "base"},
    "advice": {"dialect", "diff", "rules", "report", "sockets", "snapshot", "base"},
    "apply": {"advice", "collect", "snapshot", "base"},
    "deliver": {"report", "base"},
}
# Public header -> the folder whose contract it is.
PUBLIC = {"error.h": "base", "language.h": "base", "snapshot.h": "snapshot", "expr.h": "expr",
          "rules.h": "rules",
          "report.h": "report", "diff.h": "diff", "advice.h": "advice", "apply.h": "apply",
          "deliver.h": "deliver"}
# What pulls in the system: only these folders touch it; sockets/ takes the kernel's numbers only.
SYSTEM_FOLDERS = {"base", "sockets", "collect", "apply", "deliver", "cli"}
SYSTEM_HEADERS = re.compile(r"sys/socket\.h|netinet/|linux/|libmnl/|curl/|dirent\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def target(header):
    if header.startswith("tcpadvise/"):
        return PUBLIC[header.split("/")[1]]
    return header.split("/")[0] if "/" in header else None


def mistakes(source):
    for folder in sorted(os.listdir(source)):
        path = os.path.join(source, folder)
        if not os.path.isdir(path) or folder == "cli":
            continue
        if folder not in MAY_USE:
            yield f"src/{folder}: unknown folder; give it its place in {__file__}"
            continue
        for directory, _, names in os.walk(path):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield from check_file(os.path.join(directory, name), folder)


def check_file(path, folder):
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        own, system = match.groups()
        if system and folder not in SYSTEM_FOLDERS and SYSTEM_HEADERS.search(system):
            yield f"{path}:{number}: {folder}/ is pure and may not include <{system}>"
        if own:
            used = target(own)
            # snapshot.h declares ta_collect(), which collect/ implements.
            if used and used != folder and used not in MAY_USE[folder]:
                yield f"{path}:{number}: {folder}/ may not include {own} (of {used}/)"


def main():
    root = os.environ.get("SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
    found = list(mistakes(os.path.join(root, "src")))
    print("\n".join(found) or "every include points one way")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
