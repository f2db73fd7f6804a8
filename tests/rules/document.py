#!/usr/bin/env python3
"""The packs that docs/rule-language.md and README.md show are packs: `rules check` takes each, and an audit
of a recorded host runs with it."""
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ["SOURCE"]
PAGES = ["docs/rule-language.md", "README.md"]
HOST = "tests/fixtures/hosts/web-server.json"
PACK = re.compile(r"```json\n(\{.*?\"pack\".*?)```", re.DOTALL)


def run(*args):
    done = subprocess.run([os.environ["TCPADVISE"], *args], capture_output=True, text=True,
                          env={**os.environ, "HOME": "/nonexistent"}, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    packs = 0
    for page in PAGES:
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            found = PACK.findall(file.read())
        assert found, f"{page} shows no pack"
        for text in found:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as pack:
                pack.write(text)
                pack.flush()
                print(page, run("rules", "check", pack.name).strip())
                run("audit", "--input", os.path.join(SOURCE, HOST), "--rules", pack.name)
            packs += 1
    print(f"{packs} packs")


if __name__ == "__main__":
    main()
