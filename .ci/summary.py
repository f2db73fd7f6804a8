#!/usr/bin/env python3
"""Sums the JUnit files of ctest to one line. Fails when a test failed, when a file is missing, and
when a test was skipped for want of a program or a module: CI has them all."""
import re
import sys
import xml.etree.ElementTree as ElementTree

WANT = re.compile(r"not installed|no such program|not found|missing|no module named", re.I)


def main():
    passed = failed = skipped = 0
    broken = False
    for path in sys.argv[1:]:
        try:
            cases = ElementTree.parse(path).getroot().findall("testcase")
        except (OSError, ElementTree.ParseError) as error:
            print(f"{path}: {error}")
            broken = True
            continue
        for case in cases:
            skip = case.find("skipped")
            if case.get("status") == "run":
                passed += 1
            elif skip is None:
                failed += 1
            else:
                skipped += 1
                reason = (case.findtext("system-out") or "").strip() or skip.get("message", "")
                print(f"skipped: {case.get('name')}: {reason}")
                broken = broken or bool(WANT.search(reason))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    sys.exit(broken or failed > 0 or passed == 0)


if __name__ == "__main__":
    main()
