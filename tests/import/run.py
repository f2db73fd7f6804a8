#!/usr/bin/env python3
"""Reads captured text and holds what was understood of it against what is expected.

A case is NAME.txt beside NAME.json: the members that `tcpadvise snapshot --input NAME.txt` must print.
Objects are compared member by member, lists element by element and by their length; null is a member
that must not be there. Of a text in which nothing is evidence the program says so and prints no document:
that is like one of a namespace of which nothing is known. The document must keep its schema, and every
fact have its place.

usage: run.py FOLDER..., the program in $TCPADVISE, the schema below $SOURCE."""
import json
import os
import subprocess
import sys

import jsonschema

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
NOTHING = "nothing in it is evidence"
EMPTY = {"namespaces": [{"name": "current"}], "evidence": {"sources": []}}


def mistakes(expected, found, path=""):
    if expected is None:
        if found is not None:
            yield f"{path} is there: {json.dumps(found)[:200]}"
    elif isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from mistakes(value, found.get(name), f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, (left, right) in enumerate(zip(expected, found)):
            yield from mistakes(left, right, f"{path}[{i}]")
    elif expected != found:
        yield f"{path}: {json.dumps(found)[:400]}, expected {json.dumps(expected)[:400]}"


def places(document):
    """Every place is a line of the text."""
    for source in document["evidence"]["sources"]:
        if not 1 <= source["line"] <= source.get("last_line", source["line"]):
            yield f"a place that is none: {source}"


def check(text, expected, schema):
    done = subprocess.run([TOOL, "snapshot", "--input", os.path.basename(text)],
                          cwd=os.path.dirname(text), capture_output=True, timeout=120, check=False)
    if done.returncode == 3 and NOTHING in done.stderr.decode():
        yield from mistakes(expected, EMPTY)
        return
    if done.returncode:
        yield f"exit {done.returncode}: {done.stderr.decode()[-2000:]}"
        return
    document = json.loads(done.stdout)
    for error in schema.iter_errors(document):
        yield f"schema: {error.json_path}: {error.message[:200]}"
    yield from places(document)
    yield from mistakes(expected, document)


def main():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    failed = count = 0
    for folder in sys.argv[1:]:
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".txt"):
                continue
            path = os.path.join(folder, name)
            with open(path[:-4] + ".json", encoding="utf-8") as file:
                found = list(check(os.path.abspath(path), json.load(file), schema))
            count += 1
            failed += bool(found)
            for mistake in found:
                print(f"{path}: {mistake}")
    print(f"{count} cases, {failed} wrong")
    return failed > 0 or count == 0


if __name__ == "__main__":
    sys.exit(main())
