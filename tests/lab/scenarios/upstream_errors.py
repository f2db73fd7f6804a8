"""What nginx writes into its error log when its upstream does not answer, refuses, resets or is slow: a
ticket often has no more than such lines. The log is what the audit sees; the upstream is the fault."""
import http.client
import os
import socket

import lab

HERE, THERE, PORT, PROXY = "10.9.0.1", "10.9.0.2", 9000, 8080
REQUESTS = 3
WALL = ("add table ip wall; add chain ip wall in { type filter hook input priority 0; };"
        "add rule ip wall in tcp flags syn drop")
SERVER = f"""
server {{
    listen 127.0.0.1:{PROXY};
    location / {{
        proxy_pass http://{THERE}:{PORT};
        proxy_connect_timeout 500ms;
        proxy_read_timeout 500ms;
    }}
}}
"""


def rude_upstream(tell):
    """Closes at once, with the request unread."""
    listener = socket.create_server((THERE, PORT), backlog=64)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        lab.reset_on_close(connection)
        connection.close()


def failed_requests():
    failed = 0
    for _ in range(REQUESTS):
        client = http.client.HTTPConnection("127.0.0.1", PROXY, timeout=20)
        client.request("GET", "/")
        failed += client.getresponse().status != 200
        client.close()
    return failed


class Upstream(lab.Paste):
    """nginx here, its upstream on another host."""
    owner = ("nginx", f"{THERE}:{PORT}")
    measured = f"failed requests of {REQUESTS}"
    commands = ("ss -tan",)
    twin_beside = {"not_kernel_tunable"}
    seen = 0

    def prepare(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        _, self.path = lab.start_nginx(host, PROXY, SERVER)

    def serve(self, thinks_s=0.0):
        self.upstream = self.outside.spawn("upstream", lab.http_server, (THERE, PORT), thinks_s)
        self.upstream.hear()

    def log(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()[self.seen:]

    def measure(self, host):
        """From now on the log is that of these requests."""
        self.seen = os.path.getsize(self.path)
        return failed_requests()

    def be_slow(self, host):
        """The upstream is reached, and is slow: nginx gives up by its own clock."""
        self.prepare(host)
        self.serve(thinks_s=1.0)
        assert failed_requests() == REQUESTS

    twin = be_slow

    def be_walled_off(self, host):
        self.prepare(host)
        self.serve()
        self.outside.run("nft", WALL)
        assert failed_requests() == REQUESTS


class UpstreamTimeout(Upstream):
    """A firewall over there drops what comes in."""
    name = "upstream_no_answer"
    proves = {"connect-timeout-reported": "warning"}

    fault = Upstream.be_walled_off

    def cure(self, host, report):
        seen = self.outside.look(report.fix("connect-timeout-reported", "network", "firewall and security"))
        assert "tcp flags syn drop" in seen, seen
        self.outside.run("nft", "delete table ip wall")


class UpstreamRefused(Upstream):
    """The upstream is down."""
    name = "upstream_refused"
    proves = {"connection-refused-reported": "warning"}

    def fault(self, host):
        self.prepare(host)
        assert failed_requests() == REQUESTS

    def cure(self, host, report):
        seen = self.outside.look(report.fix("connection-refused-reported", "application", "Start"))
        assert f":{PORT}" not in seen, seen
        self.serve()


class UpstreamReset(Upstream):
    """The upstream closes without reading what it is asked."""
    name = "upstream_reset"
    proves = {"connection-reset-reported": "info"}

    def fault(self, host):
        self.prepare(host)
        self.rude = self.outside.spawn("upstream", rude_upstream)
        self.rude.hear()
        assert failed_requests() == REQUESTS

    def cure(self, host, report):
        report.fix("connection-reset-reported", "application", "without reading the body")
        self.rude.end()
        self.serve()


class UpstreamSlow(Upstream):
    """The upstream takes twice the time that nginx waits."""
    name = "upstream_slow"
    proves = {"answer-timeout-reported": "warning"}
    twin_beside = {"syn_sent_peer_unreachable"}
    fault = Upstream.be_slow

    def cure(self, host, report):
        timed = host.look(report.fix("answer-timeout-reported", "application", "new connection"), "curl")
        connect, first_byte = (float(word) for word in timed.split() if word[0].isdigit())
        assert connect < 0.5 < first_byte, timed
        self.upstream.end()
        self.serve()

    def twin(self, host):
        """nginx gives up by the same clock, and the same words, before there is a connection."""
        self.be_walled_off(host)
