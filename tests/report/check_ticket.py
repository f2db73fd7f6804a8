#!/usr/bin/env python3
"""Renders reports as Markdown for tickets and holds them against what is promised: the limits of the
places, folds and fences that end, tables that are tables, and names of a host that stay text.

Usage: check_ticket.py RENDER; RENDER is the driver, tests/report/render.c. What Markdown makes of a
page is asked of cmark-gfm, GitHub's own parser; without it those tests are skipped."""
import copy
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RENDER = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
SNAPSHOTS = os.path.join(HERE, "..", "fixtures", "snapshots")
LIMITS = {"github": 65536, "gitlab": 1048576, "jira": 32767}
FENCE = re.compile(r"^(`{3,})([a-z]*)$")
DELIMITER = re.compile(r"^\|(-+:?\|)+$")
TAG = re.compile(r"(?<!\\)<[a-zA-Z/!?]")
REFERENCE = re.compile(r"@\w|[#!$&%~]\w|GH-\d|https?://|www\.", re.IGNORECASE)
HOSTILE = "@ops #12 x|y|@z ````` <script>alert(1)</script> </details> GH-7 org/a#5 https://evil.example " \
          "![a](b) [c](d) *e* _f_ \\ | $9 !8 &7 ~bug \x1b[2J \u202e deadbeef1"
HAS_CMARK = shutil.which("cmark-gfm")


def reports():
    """The reports of the recorded hosts, by name."""
    found = {}
    for file in sorted(os.listdir(SNAPSHOTS)):
        command = [os.environ["TCPADVISE"], "--format", "json", "--input", os.path.join(SNAPSHOTS, file)]
        done = subprocess.run(command, check=True, capture_output=True, timeout=60)
        found[file[:-5]] = json.loads(done.stdout)
    return found


REPORTS = reports()


def render(report, flavour, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(report, file)
        file.flush()
        command = [RENDER, file.name, "markdown", "0", flavour, *options]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


def units(page):
    """As the strictest of them counts: UTF-16, a line break as two."""
    return len(page.replace("\n", "\r\n").encode("utf-16-le")) // 2


def outside_fences(page):
    """The lines that are no code; fails on a fence that does not end."""
    fence = None
    for line in page.splitlines():
        mark = FENCE.match(line)
        if fence:
            if line.strip("`") == "" and len(line) >= len(fence):
                fence = None
        elif mark:
            fence = mark[1]
        else:
            yield line
    assert fence is None, "a fence does not end"


class Reader(html.parser.HTMLParser):
    """What a browser would get: tables, open elements, and the text that is neither code nor link."""

    VOID = {"meta", "br", "hr", "img"}

    def __init__(self, page):
        super().__init__()
        self.open, self.tables, self.tags, self.text, self.code = [], 0, set(), [], []
        command = ["cmark-gfm", "--unsafe", "-e", "table", "-e", "strikethrough"]
        done = subprocess.run(command, input=page.encode(), capture_output=True, check=True, timeout=60)
        self.feed(done.stdout.decode())
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tables += tag == "table"
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()

    def handle_data(self, data):
        is_code = {"code", "pre"} & set(self.open)
        (self.code if is_code else [] if "a" in self.open else self.text).append(data)


def spread(value):
    """The same with what a host could be called in every text that may hold it."""
    fixed = {"rule", "class", "severity", "confidence", "kind", "fingerprint", "caused_by", "url", "schema",
             "risk", "taken_at", "next", "would_decide", "missing"}
    if isinstance(value, dict):
        return {key: item if key in fixed else spread(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spread(item) for item in value]
    return value + " " + HOSTILE if isinstance(value, str) else value


class Ticket(unittest.TestCase):
    def each(self, *options):
        for name, report in REPORTS.items():
            for flavour in LIMITS:
                with self.subTest(report=name, flavour=flavour):
                    yield report, flavour, render(report, flavour, *options)

    def check_shape(self, flavour, page):
        lines = list(outside_fences(page))
        self.assertLessEqual(units(page), LIMITS[flavour])
        self.assertEqual(sum(line == "<details>" for line in lines), sum(line == "</details>" for line in lines))
        if flavour == "jira":
            for line in lines:
                self.assertIsNone(TAG.search(re.sub(r"(`+).*?(?<!`)\1(?!`)", "", line)), line)

    def test_pages_keep_limits_and_end_what_they_begin(self):
        for options in ((), ("verbose",)):
            for _, flavour, page in self.each(*options):
                self.check_shape(flavour, page)

    def test_page_names_every_finding_and_its_evidence(self):
        for report, flavour, page in self.each("verbose"):
            for finding in report["findings"]:
                self.assertIn(f"`{finding['rule']}` |", page)
            if flavour == "gitlab":
                for command in (line for finding in report["findings"] for fix in finding["fixes"]
                                for lines in fix.get("commands", {}).values() for line in lines):
                    self.assertIn(f"\n{command}\n", page)

    @unittest.skipUnless(HAS_CMARK, "no cmark-gfm")
    def test_tables_are_tables(self):
        for _, _, page in self.each():
            reader = Reader(page)
            self.assertEqual(reader.tables, sum(bool(DELIMITER.match(line)) for line in outside_fences(page)))
            self.assertLessEqual(reader.tags, {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td",
                                               "code", "pre", "strong", "ul", "li", "a", "details", "summary"})

    @unittest.skipUnless(HAS_CMARK, "no cmark-gfm")
    def test_what_a_host_is_called_stays_text(self):
        report = spread(REPORTS["many-places"])
        allowed = Reader(render(REPORTS["many-places"], "github")).tags
        for flavour in LIMITS:
            page = render(report, flavour)
            reader = Reader(page)
            self.check_shape(flavour, page)
            self.assertLessEqual(reader.tags, allowed)
            self.assertEqual(reader.tables, sum(bool(DELIMITER.match(line)) for line in outside_fences(page)))
            text = " ".join(reader.text)
            self.assertIn("<script>alert(1)</script>", text)
            self.assertEqual([], [word for word in text.split() if REFERENCE.search(word)])
            self.assertTrue(any("@ops" in code for code in reader.code))

    def long_report(self):
        report = copy.deepcopy(REPORTS["many-places"])
        report["findings"] = [dict(finding, fingerprint=f"{i:08x}{j:08x}", caused_by=[],
                                   scope=dict(finding["scope"], object=f"number {i}-{j}"))
                              for j, finding in enumerate(report["findings"]) for i in range(60)]
        return report

    def test_what_is_too_long_is_cut_by_whole_blocks_in_order(self):
        report = self.long_report()
        for flavour in LIMITS:
            page = render(report, flavour, "verbose")
            self.check_shape(flavour, page)
            self.assertTrue(page.startswith("# "))
            self.assertIn("Fix 1", page)
        notice = render(report, "github", "verbose").splitlines()[-1]
        self.assertTrue(notice.startswith("**Left out**, as GitHub takes no more: details of notes ("), notice)
        self.assertNotIn("worst", notice)
        self.assertNotIn("Left out", render(REPORTS["many-places"], "github"))

    def test_a_little_too_long_loses_details_of_notes_alone(self):
        page = render(REPORTS["many-places"], "jira")
        self.assertRegex(page, r"\*\*Left out\*\*, as Jira takes no more: details of notes \(\d+\)\. All")
        self.assertIn("## Not checked", page)

    def test_one_text_alone_can_not_fill_the_page(self):
        report = copy.deepcopy(REPORTS["close-wait-leak"])
        report["host"]["name"] = "x" * 50000
        report["findings"][0]["title"] = "\U0001f4a5" * 50000
        for flavour in LIMITS:
            self.check_shape(flavour, render(report, flavour))


if __name__ == "__main__":
    unittest.main()
