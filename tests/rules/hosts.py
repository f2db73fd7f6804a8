#!/usr/bin/env python3
"""Healthy hosts: on a recording of ../fixtures/hosts nothing may fire at warning or above, little
at info, and no rule may fail. usage: hosts.py FILE..., the program in $TCPADVISE."""
import json
import sys

import judge

INFO_MAX = 6


def mistakes(report):
    info = [finding for finding in report["findings"] if finding["severity"] == "info"]
    for finding in report["findings"]:
        print("  " + judge.told(finding))
        if finding["severity"] in judge.LOUD:
            yield f"a healthy host, and yet: {judge.told(finding)}\n    {finding['diagnosis']}"
    if len(info) > INFO_MAX:
        yield f"{len(info)} findings of severity info, more than {INFO_MAX}"
    yield from judge.failed_rules(report)
    if len(report["passed"]) < len(report["not_checked"]):
        yield f"{len(report['passed'])} rules passed, {len(report['not_checked'])} not checked"


def main():
    wrong = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            snapshot = json.load(file)
        found = list(judge.shape_mistakes(snapshot)) + list(mistakes(judge.audit(snapshot)))
        for mistake in found:
            print(f"{path}: {mistake}")
        wrong += bool(found)
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
