#!/usr/bin/env python3
"""No fact can be forgotten by --redact: each string of the snapshot's schema is one of a list, or says what it
is (x-redact), by a kind that src/snapshot/redact.c knows, or "no". And what rules look for in names and texts
is public: what is public, --redact leaves as it is. usage: schema.py, the tree in $SOURCE."""
import glob
import json
import os
import re
import sys

ROOT = os.environ["SOURCE"]
# Facts with names or foreign text, compared with a text, or asked for one: the texts may be replaced.
LOOKS_FOR = re.compile(r"\.(?:name|program|process|text|unit|slice|domain|profile|owner|engine|address)"
                       r"(?: ?[!=]= ?|\.(?:contains|startsWith|endsWith)\()'([^']+)'")
# Beginnings of addresses, which keep their kind, of paths, and what no pseudonym has.
KEPT = re.compile(r"^[\d.:\[\]/a-f\\]+$")


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


def strings(node, path):
    """Each node of the schema that a string may be at."""
    kind = node.get("type", [])
    if kind == "string" or "string" in kind and isinstance(kind, list):
        yield path, node
    for name, child in node.get("properties", {}).items():
        yield from strings(child, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(node.get(name), dict):
            yield from strings(node[name], f"{path}[]" if name == "items" else f"{path}.*")


def kinds():
    with open(os.path.join(ROOT, "src", "snapshot", "redact.c"), encoding="utf-8") as file:
        return set(re.findall(r'\{ "(\w+)", ta_redact_', file.read()))


def schema_mistakes():
    schema = load("rules", "schema", "snapshot.schema.json")
    known = kinds()
    used = set()
    nodes = [("", schema), *schema["$defs"].items()]
    for path, node in (found for name, root in nodes for found in strings(root, name)):
        kind = node.get("x-redact")
        used.add(kind)
        if kind is None and "enum" not in node and "const" not in node:
            yield f"{path}: a string without enum needs \"x-redact\": one of {', '.join(sorted(known))}, no"
        elif kind not in known | {None, "no"}:
            yield f"{path}: x-redact: unknown kind {kind}"
    if not known or known - used:
        yield f"kinds that no fact has: {sorted(known - used)}"


def public_mistakes():
    public = load("rules", "public.json")
    names = {name for value in public.values() if isinstance(value, list) for name in value}
    found = 0
    for path in glob.glob(os.path.join(ROOT, "rules", "*.json")):
        if path.endswith(".test.json"):
            continue
        with open(path, encoding="utf-8") as file:
            words = LOOKS_FOR.findall(file.read())
        found += len(words)
        for word in words:
            # A name is replaced whole, and a text word by word.
            if not KEPT.match(word) and word.strip("(.") not in names and not set(re.findall(r"\w+", word)) <= names:
                yield f"{os.path.basename(path)}: looks for '{word}', which rules/public.json does not have"
    if not found:
        yield "no rule looks for a name: the pattern of this test is out of date"


def main():
    wrong = [*schema_mistakes(), *public_mistakes()]
    print("\n".join(wrong) or "each string says what it is")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
