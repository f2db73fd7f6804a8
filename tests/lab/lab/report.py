"""The report document of one audit."""
import json
import re

LOUD = ("critical", "warning")
# What moves while the lab stands still: the seconds of an age, and figures of the whole host.
MOVES = re.compile(r'(?<="value": )[\d.]+(?=,\s+"unit": "s")|(?<=waited for at least )\d+(?= s)'
                   r'|(?<=of the host",\n   "value": )[\d.]+')


class Report:
    def __init__(self, text):
        self.document = json.loads(text)
        self.findings = self.document["findings"]
        self.used = []

    def loud(self, with_host=False):
        """Findings of warning or above that this machine is to blame for: where the kernel is shared,
        what the whole host suffers from is not the lab's doing."""
        return [f for f in self.findings
                if f["severity"] in LOUD and (with_host or f["scope"]["kind"] != "host")]

    def of(self, rule, *words):
        """The findings of a rule that have these words in their scope's object."""
        return [f for f in self.findings if f["rule"] == rule
                and all(str(word) in f["scope"].get("object", "") for word in words)]

    def the(self, rule, severities, *words):
        """The one finding of a rule about these words."""
        found = self.of(rule, *words)
        assert len(found) == 1, f"{len(found)} findings of {rule} about {words}, not one\n{self}"
        assert found[0]["severity"] in severities, \
            f"{rule}: severity {found[0]['severity']}, not {' or '.join(severities)}"
        return found[0]

    def fix(self, rule, kind, *words):
        """The first fix of this kind that a finding of the rule prints with all these words; besides, "rule" and
        "rules", all whose findings print the same settings. What is asked for is remembered: the table of results
        shows it as the cure."""
        fixes = [fix for finding in self.of(rule) for fix in finding["fixes"]]
        for fix in fixes:
            if fix["kind"] == kind and all(word in json.dumps(fix, ensure_ascii=False) for word in words):
                self.used.append((rule, fix))
                return dict(fix, rule=rule, rules=self._rules_that_set(fix.get("settings")) or [rule])
        raise AssertionError(f"{rule} prints no fix of kind {kind} with {words}:\n"
                             + json.dumps(fixes, indent=1, ensure_ascii=False))

    def _rules_that_set(self, settings):
        return sorted({finding["rule"] for finding in self.findings for fix in finding["fixes"]
                       if settings and fix.get("settings") == settings})

    def verdict(self):
        """What must not depend on whether the snapshot was saved in between. Figures of the
        whole machine (its open files, its memory) move while the lab stands still: rows about
        the host are compared without their digits."""
        rows = [dict(row, part=part) for part in ("findings", "passed", "not_checked")
                for row in self.document[part]]
        texts = (json.dumps(row, indent=1) if is_local(row)
                 else re.sub(r"\d", "#", json.dumps(row, indent=1)) for row in rows)
        return "\n".join(MOVES.sub("#", text) for text in texts)

    def __str__(self):
        return "\n".join(f"  {f['severity']:8} {f['rule']} ({f['class']}): {f['title']}\n"
                         f"           {f['scope']} {json.dumps(f['evidence'])}"
                         for f in self.findings) or "  no findings"


def is_local(row):
    """Whether a row of the report is about the lab's own namespace."""
    return row["scope"]["kind"] != "host" if "scope" in row else "namespace" in row


def says(finding, value, limit=None):
    """Asserts that the evidence has this number (or one inside (least, most)), held against this limit."""
    least, most = value if isinstance(value, tuple) else (value, value)
    rows = [(row["value"], row.get("limit")) for row in finding["evidence"]]
    assert any(isinstance(v, (int, float)) and least <= v <= most and (limit is None or l == limit)
               for v, l in rows), \
        f"{finding['rule']}: no {value}" + (f" of {limit}" if limit else "") + f" in {rows}"
