#!/usr/bin/env python3
"""A fact that is not there says nothing: out of a recorded healthy host one fact after the other is
taken, and no rule may find more than before, nor fail. Of counters, rates and tunables those are
taken that a pack names. usage: absent.py FILE..., the program in $TCPADVISE."""
import copy
import glob
import json
import os
import re
import sys

import judge

# Without these a snapshot is none.
REQUIRED = {"schema", "taken_at", "host", "host.kernel.release", "host.kernel.number",
            "host.kernel.major", "host.kernel.minor", "namespaces", "namespaces.*.name",
            "namespaces.*.listeners.*.local", "namespaces.*.listeners.*.port",
            "namespaces.*.destinations.*.remote", "processes.*.pid", "processes.*.name"}
NAMED_ONLY = re.compile(r"\.(counters|rates|sysctl)\.")


def words_of_packs():
    text = ""
    for path in glob.glob(os.path.join(os.environ["SOURCE"], "rules", "*.json")):
        if not path.endswith((".test.json", "states.json", "topics.json", "tunables.json",
                              "public.json")):
            with open(path, encoding="utf-8") as file:
                text += file.read()
    keys = set(re.findall(r"[A-Za-z0-9_.]+", text))
    return keys | {word for key in keys for word in key.split(".")}


def paths(value, path=()):
    """Paths of all members; * stands for every row of a list."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield path + (name,)
            yield from paths(part, path + (name,))
    elif isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        yield from sorted({found for row in rows for found in paths(row, path + ("*",))})


def without(value, path):
    if path[0] == "*":
        for row in value:
            without(row, path[1:])
    elif path[0] in value:
        if len(path) == 1:
            del value[path[0]]
        else:
            without(value[path[0]], path[1:])


def lacking(snapshot, path):
    less = copy.deepcopy(snapshot)
    without(less, path)
    return less


def is_asked(path, words):
    dotted = ".".join(path)
    return dotted not in REQUIRED and path[0] != "gaps" and (
        not NAMED_ONLY.search(dotted) or path[-1] in words)


def mistakes(snapshot, words):
    known = {(finding["rule"], finding["severity"]) for finding in judge.audit(snapshot)["findings"]}
    asked = [path for path in paths(snapshot) if is_asked(path, words)]
    if len(asked) < 100:
        yield f"only {len(asked)} facts to take away"
    variants = [lacking(snapshot, path) for path in asked]
    reports = judge.audit_all(variants)
    if len(reports) != len(asked):
        yield f"{len(asked)} snapshots, {len(reports)} reports"
    for path, report in zip(asked, reports):
        for finding in report["findings"]:
            if (finding["rule"], finding["severity"]) not in known:
                yield f"without {'.'.join(path)}: {judge.told(finding)}"
        for failed in judge.failed_rules(report):
            yield f"without {'.'.join(path)}: {failed}"


def main():
    wrong = 0
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            for mistake in mistakes(json.load(file), words_of_packs()):
                print(f"{name}: {mistake}")
                wrong += 1
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
