#!/usr/bin/env python3
"""Negative anchors: mistakes that other tools make on hosts like these, and this one must not.

A case is a JSON file:
  mistake    what is said wrongly, and by whom ("peer", "url")
  host       a recording of ../fixtures/hosts (without .json) from which the snapshot is made
  change     what is different from it: a JSON merge patch (RFC 7396: null takes a member away), in
             which "namespaces" is one object, the changes of the only namespace. A row of a list
             with "times": N stands for N rows, # in its texts being 1 to N
  expect     may_warn   rules that may find something of severity warning or critical; no other may
             says       findings that there must be: rule, severity, words (in its texts)
             never_says the same, and there must be none; also by class
             passed, not_checked   rows that there must be: rule, words
             sets       "key=value" that a fix must set
             never_sets "key", "key=value", "key lowered": no fix may set it
             text_lacks words that the text report must not have
  contrast   {why, change, says}: so much more is different, and something must be said. A test
             that nothing is said proves little where nothing is ever said

On every host, no fix may set what NEVER lists. usage: anchors.py CASE..., the program in
$TCPADVISE."""
import copy
import json
import os
import subprocess
import sys

import judge

HOSTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "hosts")
NEVER = ("net.ipv4.tcp_tw_recycle=1", "net.ipv4.tcp_timestamps=0", "net.ipv4.tcp_sack=0",
         "net.ipv4.tcp_window_scaling=0", "net.ipv4.tcp_syncookies=0", "net.ipv4.tcp_syncookies=2",
         "net.ipv4.tcp_max_tw_buckets lowered", "net.ipv4.tcp_max_orphans lowered",
         "net.ipv4.tcp_abort_on_overflow=1")
MEMBERS = {"may_warn", "says", "never_says", "passed", "not_checked", "sets", "never_sets",
           "text_lacks"}


# ---- the snapshot --------------------------------------------------------------------


def patch(value, change):
    if not isinstance(change, dict):
        return rows(change) if isinstance(change, list) else change
    patched = dict(value) if isinstance(value, dict) else {}
    for name, part in change.items():
        if part is None:
            patched.pop(name, None)
        else:
            patched[name] = patch(patched.get(name), part)
    return patched


def rows(change):
    result = []
    for row in change:
        times = row.get("times", 1) if isinstance(row, dict) else 1
        for number in range(1, times + 1):
            result.append({name: value.replace("#", str(number)) if isinstance(value, str) else value
                           for name, value in row.items() if name != "times"}
                          if isinstance(row, dict) else row)
    return result


def changed(snapshot, change):
    change = copy.deepcopy(change)
    space = change.pop("namespaces", {})
    snapshot = patch(snapshot, change)
    snapshot["namespaces"] = [patch(snapshot["namespaces"][0], space)]
    return snapshot


# ---- the expectations ----------------------------------------------------------------


def fits(row, wanted):
    words = judge.words_of(row)
    return all(row[name] == wanted[name] for name in ("rule", "class", "severity")
               if name in wanted) and all(word in words for word in wanted.get("words", []))


def is_set(wanted, findings, snapshot):
    key, _, lowered = wanted.partition(" ")
    key, equals, value = key.partition("=")
    found = [v for finding in findings for k, v in judge.settings_of(finding) if k == key]
    if lowered:
        now = snapshot["namespaces"][0]["sysctl"].get(key, snapshot["host"]["sysctl"].get(key))
        found = [v for v in found if now is not None and int(v) < now]
    return any(not equals or v == value for v in found)


def missing(report, expect):
    for member, rows_of in (("says", "findings"), ("passed", "passed"),
                            ("not_checked", "not_checked")):
        for wanted in expect.get(member, []):
            if not any(fits(row, wanted) for row in report[rows_of]):
                yield f"{member}: there is no {json.dumps(wanted)}"
                for row in report[rows_of]:
                    if row["rule"] == wanted.get("rule"):
                        yield "    but: " + judge.words_of(row).replace("\n", "\n         ")


def mistakes(snapshot, expect):
    report = judge.audit(snapshot)
    findings = report["findings"]
    for finding in findings:
        print("  " + judge.told(finding))
        if finding["severity"] in judge.LOUD and finding["rule"] not in expect.get("may_warn", []):
            yield f"must not be said: {judge.told(finding)}\n    {finding['diagnosis']}"
        for wrong in expect.get("never_says", []):
            if fits(finding, wrong):
                yield f"must not be said, {json.dumps(wrong)}: {judge.told(finding)}"
    yield from missing(report, expect)
    for setting in (*NEVER, *expect.get("never_sets", [])):
        if is_set(setting, findings, snapshot):
            yield f"must not be set: {setting}"
    for setting in expect.get("sets", []):
        if not is_set(setting, findings, snapshot):
            yield f"is not set: {setting}"
    text = " ".join(judge.audit(snapshot, "text").split()) if "text_lacks" in expect else ""
    for words in expect.get("text_lacks", []):
        if words in text:
            yield f"the text report says: {words}"
    yield from judge.failed_rules(report)


def unknown_names(case):
    """Names in a case that nothing has: with them a test could not fail."""
    listed = subprocess.run([os.environ["TCPADVISE"], "rules", "list"], check=True,
                            capture_output=True).stdout.decode().split()
    for expect in [case["expect"], *case.get("contrast", [])]:
        named = [row["rule"] for member in ("says", "never_says", "passed", "not_checked")
                 for row in expect.get(member, []) if "rule" in row]
        for rule in named + expect.get("may_warn", []):
            if rule not in listed:
                yield f"there is no rule {rule}"
        for row in expect.get("never_says", []):
            if "class" in row and row["class"] not in listed:
                yield f"no rule has the class {row['class']}"
    for name in set(case["expect"]) - MEMBERS:
        yield f"expect has no member {name}"


def judge_case(case):
    yield from unknown_names(case)
    with open(os.path.join(HOSTS, case["host"] + ".json"), encoding="utf-8") as file:
        snapshot = changed(json.load(file), case["change"])
    yield from judge.shape_mistakes(snapshot)
    yield from mistakes(snapshot, case["expect"])
    for contrast in case.get("contrast", []):
        worse = changed(snapshot, contrast["change"])
        yield from judge.shape_mistakes(worse)
        for mistake in missing(judge.audit(worse), {"says": contrast["says"]}):
            yield f"{contrast['why']}: {mistake}"


def main():
    wrong = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            found = list(judge_case(json.load(file)))
        for mistake in found:
            print(f"{os.path.basename(path)}: {mistake}")
        wrong += bool(found)
    return 1 if wrong or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
