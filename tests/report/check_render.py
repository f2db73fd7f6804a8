#!/usr/bin/env python3
"""Renders the reports of tests/fixtures/reports and holds the pages against what is promised.

Usage: check_render.py RENDER [--update]; RENDER is the driver, tests/report/render.c. --update
writes the expected pages (NAME.txt beside NAME.json), to be looked at before they are committed."""
import json
import os
import re
import subprocess
import sys
import unicodedata
import unittest

import_error = None
try:
    import jsonschema
except ImportError as error:  # the schema test says so
    jsonschema, import_error = None, error

RENDER = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
REPORTS = os.path.join(HERE, "..", "fixtures", "reports")
SCHEMA = os.path.join(HERE, "..", "..", "rules", "schema", "report.schema.json")
NAMES = sorted(name[:-5] for name in os.listdir(REPORTS) if name.endswith(".json"))
SGR = re.compile(r"\x1b\[[0-9;]*m")


def path_of(name, end=".json"):
    return os.path.join(REPORTS, name + end)


def render(name, form="text", *options):
    command = [RENDER, path_of(name), form, *(str(option) for option in options)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


def load(name):
    with open(path_of(name), encoding="utf-8") as file:
        return json.load(file)


def command_lines(report):
    for finding in report["findings"]:
        if "silenced" not in finding:
            for fix in finding["fixes"]:
                for lines in fix.get("commands", {}).values():
                    yield from lines
    for row in report.get("next", []):
        yield row["command"]


class Text(unittest.TestCase):
    maxDiff = None

    def test_page_at_80_columns_is_the_expected_one(self):
        for name in NAMES:
            with self.subTest(name), open(path_of(name, ".txt"), encoding="utf-8") as file:
                self.assertEqual(render(name, "text", 80), file.read())

    def test_80_columns_are_the_default(self):
        self.assertEqual(render("healthy"), render("healthy", "text", 80))

    def test_lines_keep_to_the_width(self):
        """But for lines to paste, and words such as addresses that are longer than a line."""
        for name in NAMES:
            whole = set(command_lines(load(name)))
            for width in (60, 80, 100, 200):
                for line in render(name, "text", width, "verbose").splitlines():
                    words = line.split()
                    if len(line) > width and line.strip() not in whole:
                        self.assertLessEqual(len(words), 1, f"{name} at {width}: {line}")

    def test_odd_widths_are_survived(self):
        for width in (1, 39, 201, 100000):
            self.assertIn("orders.service", render("accept-queue", "text", width))

    def test_lines_to_paste_are_whole(self):
        for name in NAMES:
            lines = {line.strip() for line in render(name, "text", 60).splitlines()}
            for command in command_lines(load(name)):
                self.assertIn(command.strip(), lines)

    def test_colour_adds_nothing_but_colour(self):
        for name in NAMES:
            colored = render(name, "text", 80, "color")
            self.assertIn("\x1b[1", colored)
            self.assertEqual(SGR.sub("", colored), render(name, "text", 80))

    def test_every_colour_ends_on_its_line(self):
        for line in render("close-wait-leak", "text", 200, "color").splitlines():
            marks = SGR.findall(line)
            self.assertEqual([mark == "\x1b[0m" for mark in marks], [False, True] * (len(marks) // 2))

    def test_no_line_ends_in_a_blank_and_no_two_are_empty(self):
        for name in NAMES:
            for options in ((), ("verbose",), ("critical",)):
                page = render(name, "text", 80, *options)
                self.assertNotRegex(page, r"[ \t]\n")
                self.assertNotIn("\n\n\n", page)
                self.assertTrue(page.endswith("\n") and not page.endswith("\n\n"))

    def test_hostile_name_is_made_visible(self):
        page = render("close-wait-leak", "text", 80)
        self.assertIn(r"\x1b[2Jevil\u{202e}[4312]", page)
        for char in page:
            self.assertTrue(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf"))

    def test_least_severity_hides_and_counts(self):
        page = render("accept-queue", "text", 80, "critical")
        self.assertNotIn("keepalive timer", page)
        self.assertNotIn("Handshakes are dropped", page)
        self.assertIn("Not shown, below the severity asked for: 1 warning, 1 info.", page)
        self.assertTrue(page.startswith("2 problems on web-01: 1 critical, 1 warning, 1 note\n"))
        self.assertNotIn("Not shown", render("accept-queue", "text", 80, "info"))

    def test_hints_for_every_runtime_are_for_verbose(self):
        page = render("close-wait-leak", "text", 80)
        self.assertIn("In Python:", page)
        self.assertNotIn("In Rust:", page)
        self.assertIn("(2 more: --verbose)", page)
        page = render("close-wait-leak", "text", 80, "verbose")
        self.assertIn("In Rust:", page)
        self.assertNotIn("more: --verbose", page)

    def test_verbose_tells_consequences_in_full(self):
        diagnosis = "At the limit, accept(), socket() and open() fail with EMFILE."
        self.assertNotIn(diagnosis, render("close-wait-leak"))
        self.assertIn(diagnosis, render("close-wait-leak", "text", 80, "verbose"))


class Json(unittest.TestCase):
    def test_document_is_unchanged(self):
        for name in NAMES:
            text = render(name, "json")
            self.assertEqual(json.loads(text), load(name))
            self.assertEqual(list(json.loads(text)), list(load(name)))
            self.assertTrue(text.endswith("}\n"))

    def test_no_control_character_is_in_it(self):
        for char in render("close-wait-leak", "json"):
            self.assertTrue(char == "\n" or unicodedata.category(char) not in ("Cc", "Cf"))

    @unittest.skipUnless(jsonschema, f"needs python3-jsonschema: {import_error}")
    def test_document_is_valid(self):
        with open(SCHEMA, encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        for name in NAMES:
            validator.validate(json.loads(render(name, "json")))


def update():
    for name in NAMES:
        with open(path_of(name, ".txt"), "w", encoding="utf-8") as file:
            file.write(render(name, "text", 80))


if __name__ == "__main__":
    update() if "--update" in sys.argv else unittest.main()
