#!/usr/bin/env python3
"""Delivers reports to local receivers, good and bad ones, over HTTP and HTTPS.

Every failure must be one line, in bounded time, that says what went wrong and does not have the
secret part of the URL. Usage: test_receiver.py POST (the driver, tests/deliver/post.c)."""
import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

from receiver import SECRET, Receiver

POST = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
REPORTS = os.path.join(HERE, "..", "fixtures", "reports")
REPORT = os.path.join(REPORTS, "accept-queue.json")
BOUND_S = 4  # for time-outs of one second, with room for a busy machine and sanitizers


def post(url, form="slack", report=REPORT, ca_file=None, environment=None):
    command = [POST, report, form, "--connect-timeout", "1000", "--timeout", "1500"]
    if ca_file:
        command += ["--ca-file", ca_file]
    environment = {**os.environ, "TCPADVISE_WEBHOOK": url, **(environment or {})}
    start = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60)
    done.seconds = time.monotonic() - start
    done.message = done.stderr.decode()
    return done


class Case(unittest.TestCase):
    def assert_fails(self, done, *words, status=1):
        self.assertEqual(done.returncode, status, done.message)
        self.assertEqual(done.message.count("\n"), 1, done.message)
        self.assertTrue(done.message.startswith("webhook: "), done.message)
        for word in words:
            self.assertIn(word, done.message)
        for secret in ("SECRET", "x9Secret7", "/services", "token="):
            self.assertNotIn(secret, done.message)
        self.assertNotIn("\x1b", done.message)
        self.assertLess(done.seconds, BOUND_S)

    def check_mode(self, mode, *words, form="slack"):
        with Receiver(mode) as receiver:
            self.assert_fails(post(receiver.url(), form), *words)


class Delivery(Case):
    def test_slack_message_arrives(self):
        with Receiver("ok") as receiver:
            done = post(receiver.url())
            self.assertEqual((done.returncode, done.message), (0, ""))
            path, headers, body = receiver.server.seen[0]
        self.assertEqual(path, f"/services/{SECRET}?token={SECRET}")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertRegex(headers["User-Agent"], r"^tcpadvise/\d+\.\d+\.\d+$")
        self.assertNotIn("Expect", headers)
        self.assertNotIn("Accept-Encoding", headers)
        message = json.loads(body)
        self.assertTrue(message["text"].startswith("2 TCP problems on web-01: 1 critical, 1 warning"))
        self.assertEqual(message["blocks"][0]["type"], "header")

    def test_json_is_the_report(self):
        with Receiver("created") as receiver:
            done = post(receiver.url(), "json")
            self.assertEqual((done.returncode, done.message), (0, ""))
            with open(REPORT, encoding="utf-8") as report:
                self.assertEqual(json.loads(receiver.server.seen[0][2]), json.load(report))

    def test_report_without_findings_is_delivered(self):
        with Receiver("ok") as receiver:
            done = post(receiver.url(), report=os.path.join(REPORTS, "healthy.json"))
            self.assertEqual((done.returncode, done.message), (0, ""))
            self.assertEqual(json.loads(receiver.server.seen[0][2]),
                             {"text": "No TCP limit is being hit on db-02"})

    def test_proxy_of_the_environment_is_not_used(self):
        with Receiver("ok") as receiver:
            proxy = {"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
            self.assertEqual(post(receiver.url(), environment=proxy).returncode, 0)

    def test_refusals_are_told_apart(self):
        self.check_mode("no_service", "answered 404: no_service (the webhook is removed")
        self.check_mode("error", "answered 500: rollup_error")
        self.check_mode("proxy_page", 'answered 200, but not "ok"')
        self.check_mode("created", 'answered 201, but not "ok"')
        self.check_mode("too_large", "answered 413", form="json")

    def test_page_that_repeats_the_path_is_not_quoted(self):
        for form in ("slack", "json"):
            self.check_mode("echo_page", "answered 404\n", form=form)

    def test_escape_sequence_in_an_answer_is_not_quoted(self):
        self.check_mode("escape", "answered 403\n")

    def test_redirect_is_not_followed(self):
        with Receiver("redirect") as receiver:
            done = post(receiver.url())
            self.assert_fails(done, "answered 302", "redirects are not followed")
            self.assertEqual(len(receiver.server.seen), 1)

    def test_time_is_bounded(self):
        self.check_mode("hang", "http://127.0.0.1: no complete answer within 1.5 s")
        self.check_mode("drip", "no complete answer within 1.5 s")

    def test_connection_is_bounded(self):
        # A listener whose queue is full: the kernel drops further handshakes.
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            address = listener.getsockname()
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            time.sleep(0.2)
            done = post(f"http://127.0.0.1:{address[1]}/services/{SECRET}")
            for filler in fillers:
                filler.close()
        self.assert_fails(done, "no connection within 1 s")

    def test_broken_answers(self):
        self.check_mode("close", "closed without an answer")
        self.check_mode("cut", "closed in the middle of the answer")
        self.check_mode("huge", "the answer is longer than 64 KiB")
        self.check_mode("gibberish", "the answer is not HTTP")

    def test_nobody_listens(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/services/{SECRET}"
            self.assert_fails(post(url), "http://127.0.0.1: could not connect: Connection refused")

    def test_host_that_does_not_exist(self):
        done = post(f"http://no-such-host.invalid/services/{SECRET}")
        self.assert_fails(done, "webhook: http://no-such-host.invalid: ")
        # The second where the only name server does not answer.
        self.assertRegex(done.message, "the host name could not be resolved|no connection within")

    def test_wrong_urls(self):
        for url, words in [
                (f"ftp://example.com/services/{SECRET}", "a scheme other than http and https"),
                (f"file:///services/{SECRET}", "a scheme other than http and https"),
                (f"gopher://127.0.0.1/services/{SECRET}", "a scheme other than http and https"),
                (f"hooks.example.com/services/{SECRET}", "malformed"),
                (f"https:///services/{SECRET}", "malformed"),
                (f"https:/services/{SECRET}", "malformed"),
                (f"https://ho st/services/{SECRET}", "malformed"),
                (f"https://host:port/services/{SECRET}", "malformed"),
                (f"https://host/services/{SECRET}\r\nX: y", "malformed"),
                ("", "malformed"),
                (f"https://user:{SECRET.replace('/', '')}@127.0.0.1/services", "user name")]:
            with self.subTest(url=url):
                self.assert_fails(post(url), words, status=64)

    def test_unknown_format(self):
        self.assert_fails(post("http://127.0.0.1/", "teams"), "unknown webhook format 'teams'",
                          status=64)


def make_certificate(folder, name, subject_alt_name):
    key, cert = (os.path.join(folder, name + end) for end in (".key", ".pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=" + subject_alt_name, "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


@unittest.skipUnless(shutil.which("openssl"), "needs the openssl command")
class DeliveryOverTls(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_self_signed_certificate_is_refused(self):
        context, _ = make_certificate(self.folder, "a", "IP:127.0.0.1")
        with Receiver("ok", context) as receiver:
            self.assert_fails(post(receiver.url()), "https://127.0.0.1: ", "not trusted",
                              "self-signed certificate")
            self.assertEqual(receiver.server.seen, [])

    def test_certificate_of_a_given_ca_is_accepted(self):
        context, cert = make_certificate(self.folder, "a", "IP:127.0.0.1,DNS:localhost")
        with Receiver("ok", context) as receiver:
            done = post(receiver.url(), ca_file=cert)
            self.assertEqual((done.returncode, done.message), (0, ""))
            self.assertEqual(len(receiver.server.seen), 1)

    def test_certificate_of_another_host_is_refused(self):
        context, cert = make_certificate(self.folder, "a", "DNS:hooks.example.com")
        with Receiver("ok", context) as receiver:
            self.assert_fails(post(receiver.url(), ca_file=cert), "not trusted")
            self.assertEqual(receiver.server.seen, [])

    def test_ca_file_that_is_missing(self):
        context, _ = make_certificate(self.folder, "a", "IP:127.0.0.1")
        with Receiver("ok", context) as receiver:
            self.assert_fails(post(receiver.url(), ca_file="/nonexistent/ca.pem"),
                              "the CA file could not be used")

    def test_old_tls_is_refused(self):
        context, cert = make_certificate(self.folder, "a", "IP:127.0.0.1")
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with Receiver("ok", context) as receiver:
            self.assert_fails(post(receiver.url(), ca_file=cert), "the TLS handshake failed")
            self.assertEqual(receiver.server.seen, [])

    def test_http_where_tls_is_meant(self):
        with Receiver("ok") as receiver:
            self.assert_fails(post(receiver.url().replace("http:", "https:")),
                              "the TLS handshake failed")

    def test_receiver_that_closes_while_the_report_is_sent(self):
        """One line again, and no end by SIGPIPE, which some builds of libcurl would raise."""
        context, cert = make_certificate(self.folder, "a", "IP:127.0.0.1")
        with open(REPORT, encoding="utf-8") as file:
            report = json.load(file)
        report["gaps"] = [{"what": "x" * 1000, "why": "y"}] * 20000
        path = os.path.join(self.folder, "report.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(report, file)

        def accept_and_close(listener):
            with contextlib.suppress(OSError):
                context.wrap_socket(listener.accept()[0], server_side=True).close()

        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            threading.Thread(target=accept_and_close, args=(listener,), daemon=True).start()
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/services/{SECRET}"
            self.assert_fails(post(url, "json", report=path, ca_file=cert),
                              "https://127.0.0.1: the connection broke")

    def test_receiver_that_hangs_in_the_handshake(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(8)
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/services/{SECRET}"
            self.assert_fails(post(url), "no connection within 1 s")


if __name__ == "__main__":
    unittest.main()
