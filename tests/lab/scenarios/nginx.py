"""nginx in front of an application, as it comes: HTTP/1.0 and a connection a request. The application closes later
than nginx, so the TIME_WAIT is nginx's and holds a local port: they run out, and visitors get 502. The cure is the
upstream block that the report prints."""
import contextlib
import os
import re
import socket
import sys
import urllib.error
import urllib.request

import lab

HERE = "127.0.0.1", 8080
APPLICATION = "10.99.0.1", 8081  # not 127.0.0.0/8, whose TIME_WAIT ports tcp_tw_reuse=2 reuses
APPLICATION_PY = os.path.join(os.path.dirname(__file__), "..", "programs", "application.py")
LOW, HIGH = 40000, 40299
USABLE = HIGH - LOW + 1
SUBSCRIBERS = 5
VISITS = 5  # a slow machine takes more than one to use the ports up
RULE = "ephemeral-port-exhaustion"

SERVER = """
server {
    listen 127.0.0.1:8080;
    proxy_read_timeout 300s;
    %s
    location = /favicon.ico { proxy_pass http://10.99.0.1:1; }
}
"""
# The application of the twin, which closes each connection at once.
QUICK = "server { listen 10.99.0.1:8081; location / { return 200 ok; } }"
UPSTREAM = "upstream app { server 10.99.0.1:8081; }"
LOCATION = "location / { proxy_pass http://app; }"


def nginx(host, log, upstream=UPSTREAM, location=LOCATION):
    program, log = lab.start_nginx(host, HERE[1], upstream + SERVER % location, log)
    with contextlib.suppress(urllib.error.HTTPError):  # nobody listens there, which is another error in the log
        urllib.request.urlopen("http://%s:%d/favicon.ico" % HERE).close()
    return program, log


def visit(host):
    """What percentage of the requests of some visitors in a second fails."""
    said = host.run("wrk", "-t1", "-c8", "-d1s", "http://%s:%d/" % HERE)
    requests = int(re.search(r"(\d+) requests in", said)[1])
    assert requests, said
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return round(100 * int(failed[1]) / requests) if failed else 0


def subscribers(tell):
    """They wait for an event, and so keep connections of the proxy busy."""
    connections = [socket.create_connection(HERE) for _ in range(SUBSCRIBERS)]
    for connection in connections:
        connection.sendall(b"GET /events/ HTTP/1.1\r\nHost: app\r\n\r\n")
    tell("waiting")
    for connection in connections:
        connection.recv(1)


def live_connections(host):
    return len(host.run("ss", "-Htn", "state", "established", "dst", "%s:%d" % APPLICATION).splitlines())


class NginxPorts(lab.Scenario):
    name = "nginx_ports"
    proves = {RULE: "critical"}
    owner = ("nginx", "10.99.0.1:8081")
    beside = frozenset({"ephemeral_port_exhaustion"})
    twin_beside = frozenset({"ephemeral_port_exhaustion"})
    words = ("10.99.0.1:8081", "nginx", "keepalive 32;", 'proxy_set_header Connection "";')
    measured = "% of requests answered with 502"

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.start(sys.executable, APPLICATION_PY, *map(str, APPLICATION), port=APPLICATION[1])
        self.nginx, self.error_log = nginx(host, "error.log")
        host.spawn("subscribers", subscribers).hear()
        lab.wait_until(lambda: live_connections(host) == SUBSCRIBERS, "the subscribers wait")
        for _ in range(VISITS):
            self.failed = visit(host)
            if self.failed:
                break

    def check(self, report):
        finding = report.the(RULE, ["critical"], "10.99.0.1:8081")
        lab.says(finding, (USABLE * 9 // 10, USABLE), USABLE)

    def measure(self, host):
        return self.failed

    def cure(self, host, report):
        lines = report.fix(RULE, "application", "keepalive")["commands"]["nginx"]
        upstream, location = "\n".join(lines).split("\n}\n")
        self.change(host, upstream + "}", location)

    def change(self, host, upstream, location):
        self.nginx.end()
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        self.nginx, self.error_log = nginx(host, "cured.log", upstream, location)
        self.failed = visit(host)

    def twin(self, host):
        """More connections yet, but the application closes first: TIME_WAIT on its side holds no local port."""
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        self.nginx, self.error_log = nginx(host, "error.log", UPSTREAM + QUICK)
        for _ in range(VISITS):
            failed = visit(host)
            assert failed == 0, f"{failed} % failed"
            if lab.counter("Tcp.ActiveOpens") > USABLE:
                return
        raise AssertionError("hardly a connection was opened")


class NginxLog(lab.Paste, NginxPorts):
    """What is known is the error log of nginx, and the sums of ss."""
    name = "nginx_log"
    proves = {"ephemeral-ports-reported": "critical"}
    owner = ("nginx", "10.99.0.1:8081", "Cannot assign requested address")
    words = ()
    commands = ("ss -s",)

    def log(self):
        with open(self.error_log, encoding="utf-8") as file:
            return file.read()

    def check(self, report):
        report.the("ephemeral-ports-reported", ["critical"], "nginx", "10.99.0.1:8081")

    def cure(self, host, report):
        counted = host.look(report.fix("ephemeral-ports-reported", "network", "Count what holds the ports"), "uniq")
        assert "TIME-WAIT 10.99.0.1:8081" in counted, counted
        report.fix("ephemeral-ports-reported", "application", "keepalive in an upstream block",
                   "proxy_http_version 1.1", "an empty Connection header")
        self.change(host, UPSTREAM.replace("}", "keepalive 32; }"), LOCATION.replace(
            "}", 'proxy_http_version 1.1; proxy_set_header Connection ""; }'))
