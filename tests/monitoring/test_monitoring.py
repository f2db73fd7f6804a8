#!/usr/bin/python3
"""The formats nagios and prometheus, and packaging/ and docs/monitoring.md, which speak of them.

Usage: test_monitoring.py contract|promtool|exporter. The last two ask Prometheus's own programs: promtool, and a
node_exporter on a loopback port of its own, which scrapes what the program has written."""
import glob
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

SOURCE = os.environ["SOURCE"]
TCPADVISE = os.environ["TCPADVISE"]
PAGES = sorted(glob.glob(f"{SOURCE}/tests/golden/audit/prometheus-*/stdout"))
DASHBOARD = f"{SOURCE}/packaging/grafana/tcpadvise.json"
RULES = f"{SOURCE}/packaging/prometheus/tcpadvise.rules.yml"
FIXTURES = f"{SOURCE}/tests/fixtures"
METRIC = re.compile(r"\btcpadvise_[a-z_]+[a-z]\b")
PERFDATA = re.compile(r"[a-z_]+=-?\d+B?(;\d*){1,2};0(;\d+)?$")
FIRST_LINE_MAX, OUTPUT_MAX = 1024, 4096  # NRPE 2; the least of the receivers


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def program(name):
    """Where it is, installed or unpacked by scripts/lib.sh; a test without it is skipped."""
    for folder in (*os.environ["PATH"].split(":"), f"{SOURCE}/build/unpacked/usr/bin"):
        if os.access(f"{folder}/{name}", os.X_OK):
            return f"{folder}/{name}"
    print(f"there is no {name} here")
    sys.exit(77)


def audit(snapshot, form, *options):
    done = subprocess.run([TCPADVISE, "audit", "--input", "-", "--format", form, *options], capture_output=True,
                          input=json.dumps(snapshot), text=True, timeout=60, check=False, env={"LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout


def hostile(name):
    """A leaking process of that name."""
    snapshot = json.loads(read(f"{FIXTURES}/snapshots/hostile-names.json"))
    for process in snapshot["processes"]:
        process["name"] = name
    return snapshot


def families():
    return {name for page in PAGES for name in re.findall(r"^# TYPE (\S+) gauge$", read(page), re.M)}


class Contract(unittest.TestCase):
    """What can be seen without anybody else's program."""

    def check_plugin(self, snapshot):
        status, text = audit(snapshot, "nagios")
        first, *others = text.splitlines()
        self.assertRegex(first, r"^TCPADVISE (OK|WARNING|CRITICAL|UNKNOWN) - ")
        words = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
        self.assertEqual(words[status], first.split()[1])
        self.assertEqual(first.count("|"), 1)
        self.assertNotIn("|", "".join(others))
        for word in first.split("|")[1].split():
            self.assertRegex(word, PERFDATA)
        self.assertLessEqual(len(first.encode()), FIRST_LINE_MAX)
        self.assertLessEqual(len(text.encode()), OUTPUT_MAX)

    def test_plugin_says_it_in_a_line_that_fits(self):
        for path in glob.glob(f"{FIXTURES}/snapshots/*.json") + glob.glob(f"{FIXTURES}/hosts/*.json"):
            with self.subTest(path):
                self.check_plugin(json.loads(read(path)))

    def test_no_name_gets_into_the_performance_data_or_out_of_its_line(self):
        for name in ("a|b=1", "a\nb|c", "|", "x" * 9000, "'é|" * 3000):
            with self.subTest(name[:20]):
                self.check_plugin(hostile(name))

    def test_no_name_gets_out_of_its_label(self):
        line = re.compile(r'tcpadvise_[a-z_]+(\{([a-z]+="([^"\\\n]|\\\\|\\"|\\n)*",?)+\})? [-+.e0-9]+$')
        for name in ('a"} 1\ntcpadvise_evil 1', "\\", '\\"', "x" * 9000, "é" * 100):
            page = audit(hostile(name), "prometheus")[1]
            for text in page.splitlines():
                if not text.startswith("# "):
                    self.assertRegex(text, line)
                    self.assertLess(len(text), 1024)
            series = [text.rsplit(" ", 1)[0] for text in page.splitlines()]
            self.assertEqual(len(series), len(set(series)))

    def test_series_are_bounded(self):
        snapshot = json.loads(read(f"{FIXTURES}/snapshots/port-exhaustion.json"))
        row = snapshot["namespaces"][0]["destinations"][0]
        snapshot["namespaces"][0]["destinations"] = [
            dict(row, remote=f"10.9.{i // 250}.{i % 250}:443", ports_used=i % 190) for i in range(1000)]
        snapshot["namespaces"][0]["destinations_left_out"] = 7
        page = audit(snapshot, "prometheus")[1]
        self.assertEqual(len(re.findall(r"^tcpadvise_ports\{", page, re.M)), 20)
        self.assertEqual(len(re.findall(r"^tcpadvise_finding_info\{", page, re.M)), 100)
        self.assertIn('tcpadvise_series_left_out{metric="ports"} 987\n', page)
        self.assertRegex(page, r'tcpadvise_series_left_out\{metric="finding_info"\} [1-9]')

    def test_what_is_not_known_has_no_series(self):
        snapshot = json.loads(read(f"{FIXTURES}/snapshots/port-exhaustion.json"))
        for name in ("files", "processes", "taken_at"):
            del snapshot[name]
        snapshot["processes"] = []
        del snapshot["host"]["tcp"]
        page = audit(snapshot, "prometheus")[1]
        for name in ("files", "descriptors", "orphans", "tcp_memory_bytes", "last_run_timestamp_seconds"):
            self.assertNotIn(f"tcpadvise_{name}", page)

    def test_file_can_be_read_by_the_exporter(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/tcpadvise.prom"
            subprocess.run(["sh", "-c", 'umask 077; exec "$@"', "sh", TCPADVISE, "-q", "-f", "prometheus", "-o", path,
                            "-i", f"{FIXTURES}/snapshots/growth.json"], check=True, timeout=60)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
            self.assertEqual(os.listdir(folder), ["tcpadvise.prom"])

    def test_dashboard_and_alerts_use_what_is_printed(self):
        text = read(DASHBOARD)
        dashboard = json.loads(text)
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        queries = "\n".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
        self.assertEqual(set(METRIC.findall(queries)), families())  # nothing is without a panel
        self.assertLessEqual(set(METRIC.findall(read(RULES))), families())

    def test_each_metric_is_documented(self):
        documented = set(re.findall(r"^\| `(tcpadvise_[a-z_]+)", read(f"{SOURCE}/docs/monitoring.md"), re.M))
        self.assertEqual(documented, families())


class Promtool(unittest.TestCase):
    tool = None

    def run_tool(self, *args, **kwargs):
        done = subprocess.run([self.tool, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False, **kwargs)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_metrics(self):
        for page in PAGES:
            with self.subTest(page):
                self.run_tool("check", "metrics", input=read(page))

    def test_alerts(self):
        self.run_tool("check", "rules", RULES)
        self.run_tool("test", "rules", f"{SOURCE}/tests/monitoring/alerts.test.yml")

    def test_queries_of_the_dashboard(self):
        queries = [target["expr"] for panel in json.loads(read(DASHBOARD))["panels"] for target in panel["targets"]]
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{i}", "expr": query} for i, query in enumerate(queries)]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump(rules, file)  # which is YAML, too
            file.flush()
            self.run_tool("check", "rules", file.name)


class Exporter(unittest.TestCase):
    exporter = None

    def scrape(self, process, port):
        for _ in range(200):
            self.assertIsNone(process.poll(), "node_exporter ended")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                    return answer.read().decode()
            except OSError:
                time.sleep(0.05)
        return self.fail("node_exporter does not answer")

    def exported(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with subprocess.Popen([self.exporter, f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
                               "--collector.textfile", f"--collector.textfile.directory={folder}"],
                              stderr=subprocess.DEVNULL) as process:
            try:
                return self.scrape(process, port)
            finally:
                process.terminate()

    def test_every_series_arrives(self):
        """Those of a hostile host, and those of a page with everything."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/tcpadvise.prom"
            subprocess.run([TCPADVISE, "-q", "-f", "prometheus", "-o", path, "-i",
                            f"{FIXTURES}/snapshots/hostile-names.json"], check=True, timeout=60)
            page = self.exported(folder)
            self.assertIn("node_textfile_scrape_error 0\n", page)
            self.assertIn(f'node_textfile_mtime_seconds{{file="{path}"}}', page)
            written = [line for line in read(path).splitlines() if not line.startswith("#")]
            names = sorted(re.match(r"\w+", line).group() for line in written)
            arrived = sorted(re.match(r"\w+", line).group() for line in page.splitlines()
                             if line.startswith("tcpadvise_"))
            self.assertEqual(arrived, names)
            self.assertIn(r"\\x1b[2J<b>&\\u{202e}evil", page)


PARTS = {"contract": Contract, "promtool": Promtool, "exporter": Exporter}

if __name__ == "__main__":
    part = PARTS[sys.argv.pop()]
    Promtool.tool = program("promtool") if part is Promtool else None
    Exporter.exporter = program("prometheus-node-exporter") if part is Exporter else None
    result = unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(part))
    sys.exit(not result.wasSuccessful())
