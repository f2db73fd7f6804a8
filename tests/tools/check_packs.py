#!/usr/bin/env python3
"""Holds every rule pack and its test file against their schemas, sees that the cases of a rule show
each thing that it can say (every severity, passed, not checked, not applicable), and that the book has
a rule for each class of problems."""
import glob
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

NO_PACKS = {"tunables.json", "states.json", "topics.json", "public.json"}  # have schemas of their own


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validator(rules, name):
    schema = load(os.path.join(rules, "schema", name))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def schema_mistakes(path, document, schema):
    for mistake in sorted(schema.iter_errors(document), key=lambda m: list(map(str, m.path))):
        where = "/".join(map(str, mistake.absolute_path))
        yield f"{path}: /{where}: {mistake.message[:300]}"


def outcomes(cases, rule):
    """What the cases of a rule end in: severities, 'passed', 'not_checked' ..."""
    for case in cases:
        if case["rule"] != rule:
            continue
        expect = case["expect"]
        if isinstance(expect, str):
            yield expect
        elif "findings" in expect:
            yield from (finding["severity"] for finding in expect["findings"])
        else:
            yield from expect


def coverage_mistakes(path, pack, test):
    """The bar of `tcpadvise rules test` (fires, stays silent, lacks a fact) is one outcome a rule;
    here it is each severity that the rule can give."""
    rules = {rule["id"]: rule for rule in pack.get("rules", [])}
    for name in sorted({case["rule"] for case in test["cases"]} - rules.keys()):
        yield f"{path}: cases for {name}, which the pack does not have"
    for name, rule in rules.items():
        wanted = {level["level"] for level in rule["severity"]} | {"passed", "not_checked"}
        if "applies" in rule:
            wanted.add("not_applicable")
        for outcome in sorted(wanted - set(outcomes(test["cases"], name))):
            yield f"{path}: no case in which {name} ends in {outcome}"


def fix_mistakes(path, pack):
    """Who changes a setting or a limit is told what it brings, what it may cost and how to see it."""
    for rule in pack.get("rules", []):
        for fix in rule["fixes"]:
            if "set" in fix or "limit" in fix:
                for member in ("effect", "risk", "verify"):
                    if member not in fix:
                        yield f"{path}: {rule['id']}: \"{fix['title']}\" has no {member}"


def pack_mistakes(path, pack_schema, test_schema):
    pack = load(path)
    wrong = list(schema_mistakes(path, pack, pack_schema))
    if not wrong:
        wrong += fix_mistakes(path, pack)
    test_path = path[: -len(".json")] + ".test.json"
    if not os.path.exists(test_path):
        return wrong + [f"{path}: has no {os.path.basename(test_path)}"]
    test = load(test_path)
    wrong += schema_mistakes(test_path, test, test_schema)
    if not wrong:
        if test["pack"] != pack["pack"]:
            wrong.append(f"{test_path}: is for {test['pack']}, not for {pack['pack']}")
        wrong += coverage_mistakes(test_path, pack, test)
    return wrong


def book_mistakes(paths, pack_schema, topics):
    """Each class of problems has a rule and a chapter; the myths name rules that there are."""
    rules = [rule for path in paths for rule in load(path).get("rules", [])]
    known = set(pack_schema.schema["$defs"]["rule"]["properties"]["class"]["enum"])
    chapters = {topic["id"] for topic in topics["classes"]}
    for name in sorted(known ^ chapters):
        yield f"topics.json and the schema of packs differ in class {name}"
    for name in sorted(known - {rule["class"] for rule in rules}):
        yield f"no rule of class {name}"
    for myth in topics["myths"]:
        for name in sorted(set(myth["rules"]) - {rule["id"] for rule in rules}):
            yield f"topics.json: myth {myth['id']}: no rule {name}"
    for rule in rules:
        if not rule.get("references"):
            yield f"{rule['id']}: no reference"
        for fix in rule.get("fixes", []):
            if "set" in fix and not {"effect", "risk", "verify"} <= set(fix):
                yield f"{rule['id']}: \"{fix['title']}\" lacks its effect, risk or verify"


def main():
    root = os.environ.get("SOURCE") or os.path.join(os.path.dirname(__file__), "..", "..")
    rules = os.path.join(root, "rules")
    paths = [path for path in sorted(glob.glob(os.path.join(rules, "*.json")))
             if not path.endswith(".test.json") and os.path.basename(path) not in NO_PACKS]
    pack_schema = validator(rules, "rule-pack.schema.json")
    test_schema = validator(rules, "rule-test.schema.json")
    wrong = []
    for path in paths:
        wrong += pack_mistakes(path, pack_schema, test_schema)
    wrong += book_mistakes(paths, pack_schema, load(os.path.join(rules, "topics.json")))
    print("\n".join(wrong) or f"{len(paths)} packs are well-formed and their rules tested")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
