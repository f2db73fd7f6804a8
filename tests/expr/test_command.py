#!/usr/bin/env python3
"""tcpadvise eval: its output, its messages, its exit status."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.environ["TCPADVISE"]
SNAPSHOT = {"host": {"cpus": 4}, "namespaces": [{"sysctl": {"net.core.somaxconn": 4096}}], "load": 0.1,
            "name": "a\u001b[2Jb", "true": 1}


def run(*args, stdin=None):
    done = subprocess.run([TOOL, "eval", *args], input=stdin, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Eval(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.snapshot = self.file("snapshot.json", json.dumps(SNAPSHOT))

    def file(self, name, text):
        path = os.path.join(self.dir.name, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def test_answer_is_one_line_of_json(self):
        self.assertEqual(run("1 + 2"), (0, "3\n", ""))
        self.assertEqual(run("[1, 'a', null, {'k': true}]"), (0, '[1, "a", null, {"k": true}]\n', ""))

    def test_numbers_have_the_fewest_digits_that_keep_them(self):
        self.assertEqual(run("[0.1, 2.0, 1e300]")[1], "[0.1, 2.0, 1e300]\n")
        self.assertEqual(run("0.1")[1], "0.1\n")
        self.assertEqual(run("load", "--input", self.snapshot)[1], "0.1\n")
        self.assertEqual(float(run("1.0 / 3.0")[1]), 1 / 3)

    def test_variables_are_the_members_of_the_snapshot(self):
        path = "namespaces[0].sysctl['net.core.somaxconn'] / host.cpus"
        self.assertEqual(run("--input", self.snapshot, path), (0, "1024\n", ""))
        with open(self.snapshot, "rb") as text:
            self.assertEqual(run("--input", "-", path, stdin=text.read()), (0, "1024\n", ""))

    def test_missing_fact(self):
        self.assertEqual(run("--input", self.snapshot, "host.cpus > 1 && host.memory > 2"),
                         (1, "", "tcpadvise: host.memory is not there\n"
                                 "  host.cpus > 1 && host.memory > 2\n"
                                 "                        ^\n"))

    def test_error_is_shown_below_its_line(self):
        self.assertEqual(run("1 +\n  'a'  + 2"),
                         (1, "", "tcpadvise: no such overload: int + string\n"
                                 "  1 +\n"
                                 "    ^\n"))
        self.assertEqual(run("1 == 1 ||\n  size(5) > 1 && false ? 1 :\n 1 / 0")[0], 0)
        self.assertEqual(run("1 == 2 ||\n  size(5) > 1"),
                         (1, "", "tcpadvise: no such overload: size(int)\n"
                                 "    size(5) > 1\n"
                                 "    ^\n"))

    def test_mistake_has_its_hint(self):
        self.assertEqual(run("'é' = 1"), (1, "", "tcpadvise: unexpected '='\n"
                                                 "  'é' = 1\n"
                                                 "      ^  did you mean '=='?\n"))

    def test_nothing_reaches_the_terminal_raw(self):
        status, _, err = run("'\x1b[2J' + 1 = 2")
        self.assertEqual(status, 1)
        self.assertNotIn("\x1b", err)
        self.assertIn("\\x1b[2J", err)

    def test_output_file(self):
        path = os.path.join(self.dir.name, "out.json")
        self.assertEqual(run("--output", path, "1 + 1"), (0, "", ""))
        with open(path, encoding="utf-8") as out:
            self.assertEqual(out.read(), "2\n")

    def test_typed(self):
        variables = self.file("vars.json", '{"x": {"uint": "5"}, "a.b": {"bytes": "6162"}}')
        self.assertEqual(run("--typed", "--vars", variables, "--", "[x, a.b]"),
                         (0, '{"list": [{"uint": "5"}, {"bytes": "6162"}]}\n', ""))
        self.assertEqual(run("--typed", "--", "-5"), (0, '{"int": "-5"}\n', ""))

    def test_expression_from_a_file(self):
        self.assertEqual(run("--expr-file", self.file("a.cel", "1 +\n 2 // three\n")), (0, "3\n", ""))
        self.assertEqual(run("--expr-file", "-", stdin=b"size('\0\n') == 2 ||" b"\n" b"true"),
                         (1, "", "tcpadvise: this string has no end\n"
                                 "  size('\\x00\n"
                                 "       ^\n"))
        self.assertEqual(run("--input", self.snapshot, "--expr-file", "-", stdin=b"host.cpus"), (0, "4\n", ""))

    def test_nul_in_an_expression(self):
        for text, wanted in (("b'\1' > b'\0'", "true"), ("b'\0\1' > b'\1'", "false"), ("b'' >= b'\0'", "false"),
                             ("size('a\0é') == 3", "true"), ("b'\1\0' <= b'\1'", "false")):
            self.assertEqual(run("--expr-file", self.file("nul.cel", text)), (0, wanted + "\n", ""), text)
        variables = self.file("vars.json", '{"x": {"bytes": "00"}}')
        self.assertEqual(run("--typed", "--vars", variables, "--expr-file", "-", stdin=b"x > b'\0'"),
                         (0, '{"bool": false}\n', ""))
        self.assertEqual(run("--expr-file", "-", stdin=b"'\0'\n\0 + 1"),
                         (1, "", "tcpadvise: unexpected character 0x00\n"
                                 "  \\x00 + 1\n"
                                 "  ^\n"))
        self.assertEqual(run("--expr-file", "-", stdin=b"'\0' +\n 1"),
                         (1, "", "tcpadvise: no such overload: string + int\n"
                                 "  '\\x00' +\n"
                                 "         ^\n"))
        self.assertEqual(run("--expr-file", "-", stdin=b"'\0' == ''\n|| 1 / 0 == 1"),
                         (1, "", "tcpadvise: division by zero\n"
                                 "  || 1 / 0 == 1\n"
                                 "       ^\n"))

    def test_unreadable_expression(self):
        status, out, err = run("--expr-file", "/nonexistent.cel")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("/nonexistent.cel", err)
        status, out, err = run("--expr-file", self.file("long.cel", " " * 70000 + "1"))
        self.assertEqual((status, out), (1, ""))
        self.assertTrue(err.startswith("tcpadvise: longer than 65536 bytes"), err)

    def test_wrong_variables(self):
        for text in ('{"x": 5}', '{"x": {"int": 5}}', '{"x": {"uint": "-5"}}', '{"x": {"bytes": "6"}}',
                     '{"x": {"int": "1", "uint": "1"}}', '{"x": {"list": [{"int": "z"}]}}',
                     '{"x": {"map": [[{"double": "1"}, {"int": "1"}]]}}', '[', '[]', '{"x": 1, "x": 2}'):
            status, out, err = run("--typed", "--vars", self.file("vars.json", text), "1")
            self.assertEqual((status, out), (1, ""), text)
            self.assertTrue(err.startswith("tcpadvise: "), err)

    def test_unreadable_input(self):
        status, out, err = run("--input", "/nonexistent/snapshot.json", "1")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("/nonexistent/snapshot.json", err)
        status, out, err = run("--input", self.file("bad.json", '{"a":\n 1,}'), "1")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("bad.json:2:", err)

    def test_without_input_the_facts_are_those_of_this_host(self):
        self.assertEqual(run("size(namespaces)"), (0, "1\n", ""))
        self.assertEqual(run("has(namespaces[0].rates)"), (0, "false\n", ""))
        self.assertEqual(run("--sample", "10ms", "has(namespaces[0].rates)"), (0, "true\n", ""))

    def test_usage(self):
        for args in ((), ("1", "2"), ("--vars", "x", "1"), ("--typed", "--input", self.snapshot, "1"),
                     ("--input", self.snapshot, "--input", self.snapshot, "1"), ("--webhook", "1", "1"),
                     ("-5",), ("--expr-file", "x", "1"), ("--expr-file", "-", "--input", "-"),
                     ("--typed", "--expr-file", "-", "--vars", "-")):
            status, out, err = run(*args)
            self.assertEqual((status, out), (64, ""), args)
            self.assertTrue(err.startswith("tcpadvise: "), err)

    def test_full_disk_is_not_silence(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TOOL, "eval", "1"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"tcpadvise: ", done.stderr)


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())
