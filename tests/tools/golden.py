#!/usr/bin/env python3
"""Runs the program as a case says and compares what it prints.

A case is a directory:
  cmd         the arguments, quoted as for a shell (no shell runs them)
  stdin       what it reads; nothing when absent
  env         further environment, NAME=VALUE a line
  stdout      what it must print, byte for byte; absent: nothing
  stderr      the same
  stdout.has  in the place of stdout, where the host shows through: a line a text that must occur
              in the output, folded to single blanks; "! text" must not occur
  stderr.has  the same
  status      its exit status; absent: 0

The program runs in the directory of the case, in a small environment that is the same everywhere:
80 columns, ASCII, UTC, no home. Usage: golden.py [--update] CASE..., the program in $TCPADVISE;
--update writes the files that are compared byte for byte anew."""
import difflib
import os
import shlex
import subprocess
import sys

KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")
FIXED = {"COLUMNS": "80", "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent", "TERM": "dumb"}


def read(case, name, default=None):
    try:
        with open(os.path.join(case, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return default


def write(case, name, data):
    path = os.path.join(case, name)
    if data:
        with open(path, "wb") as file:
            file.write(data)
    elif os.path.exists(path):
        os.remove(path)


def environment(case):
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env.update(FIXED)
    for line in read(case, "env", b"").decode().splitlines():
        name, _, value = line.partition("=")
        env[name] = value
    return env


def run(case):
    command = [os.environ["TCPADVISE"]] + shlex.split(read(case, "cmd").decode())
    done = subprocess.run(command, input=read(case, "stdin", b""), capture_output=True, cwd=case,
                          env=environment(case), timeout=120, check=False)
    return {"stdout": done.stdout, "stderr": done.stderr, "status": b"%d\n" % done.returncode}


def has_mistakes(case, stream, printed):
    """Of the texts in stdout.has; None when the case has no such file."""
    wanted = read(case, stream + ".has")
    if wanted is None:
        return None
    folded = " ".join(printed.decode(errors="replace").split())
    mistakes = []
    for line in wanted.decode().splitlines():
        if line.startswith("! "):
            if line[2:] in folded:
                mistakes.append(f"{stream}: must not say: {line[2:]}")
        elif line not in folded:
            mistakes.append(f"{stream}: does not say: {line}")
    if mistakes:
        mistakes += [f"--- {stream} was", printed.decode(errors="replace")]
    return mistakes


def same_mistakes(case, name, printed):
    wanted = read(case, name, b"0\n" if name == "status" else b"")
    if wanted == printed:
        return []
    return list(difflib.unified_diff(
        wanted.decode(errors="backslashreplace").splitlines(),
        printed.decode(errors="backslashreplace").splitlines(),
        f"{name} (expected)", f"{name} (printed)", lineterm="")) or [f"{name}: line ends differ"]


def check(case, update):
    mistakes = []
    for name, printed in run(case).items():
        found = has_mistakes(case, name, printed)
        if found is not None:
            mistakes += found
        elif update:
            write(case, name, b"" if (name, printed) == ("status", b"0\n") else printed)
        else:
            mistakes += same_mistakes(case, name, printed)
    if mistakes:
        print(f"{case}:")
        print("\n".join(mistakes))
    return not mistakes


def main():
    args = [arg for arg in sys.argv[1:] if arg != "--update"]
    if not args or "TCPADVISE" not in os.environ:
        print("usage: TCPADVISE=PROGRAM golden.py [--update] CASE...", file=sys.stderr)
        return 64
    os.environ["TCPADVISE"] = os.path.abspath(os.environ["TCPADVISE"])
    return 0 if all([check(case, "--update" in sys.argv) for case in args]) else 1


if __name__ == "__main__":
    sys.exit(main())
