#!/usr/bin/env python3
"""Holds docs/report.md to what the program does: the examples are what it prints today and what its
schema allows, the commands of the cookbook print what stands below them, and each member of the
document is described.

Usage: check_examples.py [--update]; the program in $TCPADVISE. --update writes the examples anew."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError:  # the test that needs it says so
    jsonschema = None

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ["TCPADVISE"]
# Few rules, so that a person can read the whole of it.
EXAMPLES = {
    "leak.json": ("close-wait-leak.json", "close-wait-leak,close-wait-fd-pressure,nofile-soft-1024,syn-flood,"
                                          "orphans-near-max"),
    "healthy.json": ("port-exhaustion-partial.json", "time-wait-normal,close-wait-leak,syn-flood,orphans-near-max"),
}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def program(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, cwd=ROOT, timeout=60,
                          env={"LC_ALL": "C.UTF-8"}).stdout.decode()


def printed(name):
    snapshot, rules = EXAMPLES[name]
    return program("--format", "json", "--only", rules, "--input", f"tests/fixtures/snapshots/{snapshot}")


def without_version(text):
    """A release must not have to touch the examples."""
    return re.sub(r'("version": )"[^"]*"', r'\1"..."', text, count=1)


def cookbook():
    """Commands and what they print, from the blocks of docs/report.md that begin with a prompt."""
    for block in re.findall(r"^```console\n(.*?)^```$", read("docs", "report.md"), re.MULTILINE | re.DOTALL):
        command, _, output = block.removeprefix("$ ").partition("\n")
        yield command, output


class Examples(unittest.TestCase):
    maxDiff = None

    def test_examples_are_what_is_printed_today(self):
        for name in EXAMPLES:
            with self.subTest(name):
                self.assertEqual(without_version(read("docs", "examples", name)), without_version(printed(name)))

    @unittest.skipUnless(jsonschema, "no python3-jsonschema")
    def test_examples_are_as_the_schema_says(self):
        schema = json.loads(program("schema", "report"))
        for name in EXAMPLES:
            jsonschema.Draft202012Validator(schema).validate(json.loads(read("docs", "examples", name)))

    @unittest.skipUnless(shutil.which("jq"), "no jq")
    def test_cookbook_prints_what_it_says(self):
        blocks = list(cookbook())
        self.assertGreaterEqual(len(blocks), 6)
        for command, output in blocks:
            with self.subTest(command):
                done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=os.path.join(ROOT, "docs"),
                                      timeout=60, check=False)
                self.assertEqual((done.stdout.decode(), done.stderr.decode()), (output, ""))

    def test_each_member_is_described(self):
        page = read("docs", "report.md")
        schema = json.loads(program("schema", "report"))
        members = list(schema["properties"]) + list(schema["$defs"]["finding"]["properties"])
        self.assertEqual([], [name for name in members if f"| `{name}` |" not in page])

    def test_each_versioned_document_is_named(self):
        page = read("docs", "report.md")
        for name in ("report", "snapshot", "diff", "plan", "change"):
            version = json.loads(program("schema", name))["properties"]["schema"]["const"]
            self.assertIn(f"`{version}`", page)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        for example in EXAMPLES:
            with open(os.path.join(ROOT, "docs", "examples", example), "w", encoding="utf-8") as target:
                target.write(printed(example))
    else:
        unittest.main()
