#!/usr/bin/env python3
"""Judges a real incident from the evidence that was at hand.

A case is a JSON file: "incident" and "url" say what it was, "snapshot" is what its reporters showed, read by
hand into a snapshot, and "expect" what the thread established:
  diagnose          each a list of classes of which a finding of severity warning or critical must have one
                    (time_wait_harmless at any severity; no_problem and not_kernel_tunable are also met when
                    no such finding sets a sysctl)
  not_as_cause      classes that no such finding may have unless another causes it
  advise            each a list of which the fixes must have one: "key" or "key=value" is a setting, "kind: words"
                    a fix of that kind ("*" any) with these words in its texts or commands
  never_set         "key=value", "key", "key raised|lowered" that no fix may set; "(alone)": not as the only advice
  ineffective_alone settings that must not be the first fix of a finding

usage: run.py CASE..., the program in $TCPADVISE."""
import json
import os
import subprocess
import sys

LOUD = ("warning", "critical")
QUIET = {"no_problem", "not_kernel_tunable"}


def audit(snapshot):
    done = subprocess.run([os.environ["TCPADVISE"], "audit", "--input", "-", "--format", "json"],
                          input=json.dumps(snapshot).encode(), capture_output=True, timeout=120,
                          env={**os.environ, "HOME": "/nonexistent"}, check=False)
    if done.returncode:
        raise SystemExit(f"exit {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def fixes_of(findings):
    return [fix for finding in findings for fix in finding["fixes"]]


def settings_of(fixes):
    return {(key, value) for fix in fixes for key, value in fix.get("settings", {}).items()}


def words_of(fix):
    commands = [line for lines in fix.get("commands", {}).values() for line in lines]
    return " ".join([fix.get("title", ""), fix.get("text", "")] + commands).lower()


def is_advised(wanted, fixes):
    kind, colon, words = wanted.partition(": ")
    if colon:
        return any(kind in ("*", fix["kind"]) and words.lower() in words_of(fix) for fix in fixes)
    key, equals, value = wanted.partition("=")
    return any(key == k and (not equals or value == v) for k, v in settings_of(fixes))


def is_set(forbidden, findings, snapshot):
    """Whether a fix does what is forbidden."""
    name, _, how = forbidden.partition(" ")
    key, equals, value = name.partition("=")
    hits = [(k, v) for k, v in settings_of(fixes_of(findings)) if k == key and (not equals or v == value)]
    if not hits or not name.startswith(("net.", "fs.", "kernel.")):
        return False
    if how == "(alone)":
        return any(key in fix.get("settings", {}) and len(finding["fixes"]) == 1
                   for finding in findings for fix in finding["fixes"])
    if how in ("raised", "lowered"):
        now = snapshot["namespaces"][0].get("sysctl", {}).get(key)
        return now is None or any((int(v) > now) == (how == "raised") for _, v in hits)
    return not how or how.startswith("(")


def mistakes(case):
    report = audit(case["snapshot"])
    expect = case["expect"]
    loud = [finding for finding in report["findings"] if finding["severity"] in LOUD]
    classes = {finding["class"] for finding in loud}
    classes |= {f["class"] for f in report["findings"] if f["class"] == "time_wait_harmless"}
    if not any(key for key, _ in settings_of(fixes_of(loud))):
        classes |= QUIET
    for wanted in expect["diagnose"]:
        if not classes & set(wanted):
            yield f"not diagnosed: {' or '.join(wanted)}"
    for finding in loud:
        if finding["class"] in expect["not_as_cause"] and not finding["caused_by"]:
            yield f"wrong cause: {finding['class']} ({finding['rule']})"
    named = [f for f in report["findings"] if any(f["class"] in wanted for wanted in expect["diagnose"])]
    for wanted in expect["advise"]:
        if not any(is_advised(item, fixes_of(named)) for item in wanted):
            yield f"not advised: {' or '.join(wanted)}"
    for forbidden in expect["never_set"]:
        if is_set(forbidden, loud, case["snapshot"]):
            yield f"advised, and must not be: {forbidden}"
    for useless in expect["ineffective_alone"]:
        for finding in named:
            if finding["fixes"] and useless in finding["fixes"][0].get("settings", {}):
                yield f"{finding['rule']} begins with {useless}, which does nothing here"
    if not named and not classes & QUIET:
        yield "found: " + ", ".join(f"{f['severity']} {f['rule']}" for f in report["findings"])


def main():
    wrong = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        found = list(mistakes(case))
        for mistake in found:
            print(f"{os.path.basename(path)}: {mistake}")
        wrong += bool(found)
    print(f"{len(sys.argv) - 1 - wrong} of {len(sys.argv) - 1} judged right")
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
