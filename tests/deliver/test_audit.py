#!/usr/bin/env python3
"""tcpadvise audit --webhook: what arrives, what is printed, and the exit status."""
import json
import os
import subprocess
import time
import unittest

from receiver import SECRET, Receiver

TOOL = os.environ["TCPADVISE"]
SNAPSHOTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "snapshots")


def audit(*args, snapshot="close-wait-leak", environment=None):
    command = [TOOL, "audit", "--input", os.path.join(SNAPSHOTS, snapshot + ".json"), *args]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, timeout=60, check=False,
                          env={**os.environ, **(environment or {})})
    done.seconds = time.monotonic() - start
    return done


class Audit(unittest.TestCase):
    def test_slack_gets_the_findings_and_stdout_the_report(self):
        with Receiver("ok") as receiver:
            done = audit("--webhook", receiver.url(), "--webhook-format", "slack")
            message = json.loads(receiver.server.seen[0][2])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"leaky-server", done.stdout)
        self.assertIn("leaky-server", json.dumps(message["blocks"]))
        self.assertLessEqual(len(message["blocks"]), 50)

    def test_json_is_what_is_printed(self):
        with Receiver("created") as receiver:
            done = audit("--format", "json", "--webhook", receiver.url())
            self.assertEqual(json.loads(receiver.server.seen[0][2]), json.loads(done.stdout))

    def test_the_environment_keeps_the_secret_off_the_command_line(self):
        with Receiver("ok") as receiver:
            done = audit("--webhook-format", "slack",
                         environment={"TCPADVISE_WEBHOOK": receiver.url()})
            self.assertEqual((done.returncode, len(receiver.server.seen)), (0, 1))

    def test_hostile_names_are_escaped(self):
        with Receiver("ok") as receiver:
            audit("--webhook", receiver.url(), "--webhook-format", "slack", snapshot="hostile-names")
            body = receiver.server.seen[0][2].decode()
        self.assertIn("&lt;b&gt;&amp;", body)
        self.assertNotIn("<b>", body)
        self.assertNotIn("\\u001b", body)

    def test_a_receiver_that_fails_does_not_keep_the_report_back(self):
        for mode, words in (("no_service", "no_service"), ("error", "500"), ("redirect", "redirect"),
                            ("cut", "middle"), ("huge", "longer")):
            with self.subTest(mode=mode), Receiver(mode) as receiver:
                done = audit("--webhook", receiver.url(), "--webhook-format", "slack")
                message = done.stderr.decode()
                self.assertEqual((done.returncode, len(receiver.server.seen)), (3, 1))
                self.assertIn(b"leaky-server", done.stdout)
                self.assertEqual(message.count("\n"), 1, message)
                self.assertTrue(message.startswith("tcpadvise: webhook: "), message)
                self.assertIn(words, message)
                self.assertNotIn(SECRET[-8:], message)

    def test_a_receiver_that_refuses(self):
        with Receiver("ok") as receiver:
            url = receiver.url()
        done = audit("--webhook", url)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"Connection refused", done.stderr)
        self.assertNotIn(SECRET.encode()[-8:], done.stderr)

    def test_a_receiver_that_hangs_ends_in_bounded_time(self):
        with Receiver("hang") as receiver:
            done = audit("--webhook", receiver.url())
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"no complete answer within 15 s", done.stderr)
        self.assertIn(b"leaky-server", done.stdout)
        self.assertLess(done.seconds, 25)

    def test_a_url_that_is_none_is_wrong_usage(self):
        for url in ("ftp://127.0.0.1/x9Secret7", "x9Secret7", "http://"):
            with self.subTest(url=url):
                done = audit("--webhook", url)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertNotIn(b"x9Secret7", done.stderr)


if __name__ == "__main__":
    unittest.main()
