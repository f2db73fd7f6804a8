#!/usr/bin/env python3
"""The completions, run by the shells they are for: what each offers for several lines. A shell that
is not installed is passed over."""
import os
import shlex
import shutil
import subprocess
import tempfile

PROGRAM = os.environ["TCPADVISE"]
DIALECTS = "ansible compose docker json kubernetes limits.conf markdown nixos podman prlimit shell " \
           "sysctl.d systemd text tuned"

# A line, and what can stand at its end: all of it (a text), or some of it (a list).
CASES = (
    ("tcpadvise au", "audit"),
    ("tcpadvise rules ", "check list show test"),
    ("tcpadvise plan --format ", DIALECTS),
    ("tcpadvise schema rule-", "rule-pack rule-test"),
    ("tcpadvise help exp", "explain"),
    ("tcpadvise --lang ", "en zh_CN"),
    ("tcpadvise audit --fail-on ", "critical warning"),
    ("tcpadvise revert --se", ""),
    ("tcpadvise rules show accept-", ["accept-queue-overflow"]),
    ("tcpadvise explain close_w", ["close_wait"]),
    ("tcpadvise plan --force net.core.somax", ["net.core.somaxconn"]),
    ("tcpadvise audit --netns al", ["all"]),
    ("tcpadvise explain --format json TIME-W", "TIME-WAIT"),
)

BASH = """source <(tcpadvise completion bash)
read -r -a COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tcpadvise; printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = "tcpadvise completion fish | source; complete -C $argv[1]"
# compadd tells what it would add; the widget is bound to a key of a terminal that zpty makes.
ZSH = r"""zmodload zsh/zpty
zpty z "PS1= zsh -f -i"
zpty -w z "fpath=($2 \$fpath); autoload -Uz compinit; compinit -D -u; setopt nobeep"
zpty -w z 'compadd() { if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a _hits; builtin compadd -O _hits "$@"; print -rl -- "HIT "${^_hits} }'
zpty -w z 'show() { print START; _main_complete; print -r -- DO""NE; exit }'
zpty -w z "zle -C show complete-word show; bindkey '^X' show; print REA''DY"
zpty -r -m z x '*READY*'
zpty -w -n z "$1"$'\x18'
zpty -r -m z out '*DONE*'
print -r -- $out
"""

# A program whose names are hostile.
HOSTILE = f"""#!/bin/sh
case $2 in
bash|zsh|fish) exec {shlex.quote(PROGRAM)} "$@" ;;
*) printf '%s\\n' '$(touch hit)' '`touch hit`' ';touch hit' '*' '-x' ;;
esac
"""


def shell(name, line, folder, fake=None):
    program = os.path.dirname(PROGRAM)
    if fake:
        program = os.path.join(folder, "fake")
        os.makedirs(program, exist_ok=True)
        with open(os.path.join(program, "tcpadvise"), "w", encoding="utf-8") as file:
            file.write(fake)
        os.chmod(file.name, 0o755)
    env = {"PATH": f"{program}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
           "HOME": folder, "TERM": "dumb", "COLUMNS": "200"}
    command = {"bash": ["bash", "--norc", "-c", BASH, "bash", line],
               "fish": ["fish", "--no-config", "-c", FISH, line],
               "zsh": ["zsh", "-f", "-c", ZSH, "zsh", line, folder]}[name]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=folder, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)
    lines = done.stdout.splitlines()
    if name == "zsh":
        assert any("DONE" in row for row in lines), (line, done.stdout, done.stderr)
        lines = [row.split("HIT ", 1)[1] for row in lines if "HIT " in row]
    assert fake or not done.stderr, (name, line, done.stderr)
    return sorted({row.split("\t")[0].strip() for row in lines if row.strip()})


def check(name, folder):
    for line, wanted in CASES:
        found = shell(name, line, folder)
        if isinstance(wanted, str):
            assert found == wanted.split(), (name, line, found)
        else:
            assert set(wanted) <= set(found), (name, line, found)
    # Neither what stands on the line is run, nor the names that the program prints.
    for line in ("tcpadvise rules show $(touch${IFS}hit)", "tcpadvise audit --only `touch${IFS}hit`,",
                 "tcpadvise explain "):
        shell(name, line, folder, HOSTILE)
        assert not os.path.exists(os.path.join(folder, "hit")), (name, line)
    print(f"{name}: {len(CASES)} lines")


def main():
    any_shell = False
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "_tcpadvise"), "w", encoding="utf-8") as file:
            subprocess.run([PROGRAM, "completion", "zsh"], stdout=file, check=True)
        for name in ("bash", "zsh", "fish"):
            if not shutil.which(name):
                print(f"{name} is not installed: passed over")
                continue
            any_shell = True
            check(name, folder)
    return 0 if any_shell else 77


raise SystemExit(main())
