#!/usr/bin/env python3
"""Reads recorded captures of several generations of kernels and tools, and audits them.

A case is a folder NAME of captures beside NAME.json: "snapshot" is what run.py holds the document against,
"findings" all that the audit must say, [rule, severity, object] each, and nothing else; "skipped" is the
number of lines that may not be understood.

usage: captures.py FOLDER, the program in $TCPADVISE, the schema below $SOURCE."""
import json
import os
import subprocess
import sys

import jsonschema

import run


def tool(path, *command):
    done = subprocess.run([run.TOOL, *command, "--input", path], capture_output=True, timeout=120, check=False,
                          env=dict(os.environ, XDG_CONFIG_HOME="/nonexistent"))
    if done.returncode:
        raise SystemExit(f"{path}: {command[0]}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)


def check(path, expected, schema):
    document = tool(path, "snapshot")
    for error in schema.iter_errors(document):
        yield f"schema: {error.json_path}: {error.message[:200]}"
    yield from run.places(document)
    yield from run.mistakes(expected["snapshot"], document)
    skipped = sum(row["skipped"] for row in document["evidence"]["inputs"])
    if skipped != expected.get("skipped", 0):
        yield f"{skipped} lines skipped: {json.dumps(document['evidence']['skipped'])[:600]}"
    report = tool(path, "audit", "--format", "json")
    found = {(row["rule"], row["severity"], row["scope"]["object"]) for row in report["findings"]}
    wanted = {tuple(row) for row in expected["findings"]}
    yield from (f"not found: {row}" for row in sorted(wanted - found))
    yield from (f"found: {row}" for row in sorted(found - wanted))


def main():
    with open(run.SCHEMA, encoding="utf-8") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    names = sorted(name for name in os.listdir(sys.argv[1]) if name.endswith(".json"))
    failed = 0
    for name in names:
        with open(os.path.join(sys.argv[1], name), encoding="utf-8") as file:
            expected = json.load(file)
        found = list(check(os.path.join(sys.argv[1], name[:-5]), expected, schema))
        failed += bool(found)
        for mistake in found:
            print(f"{name}: {mistake}")
    print(f"{len(names)} captures, {failed} wrong")
    return failed > 0 or not names


if __name__ == "__main__":
    sys.exit(main())
