"""nginx as a proxy that opens a connection to its upstream for each request: under load, TIME_WAIT takes all
ports to it, and clients get errors. Upstream keepalive is the cure, as the report words it."""
import asyncio
import re

import lab

API, PROXY = ("10.99.0.1", 9000), ("10.99.0.1", 8080)
LOW, HIGH = 40000, 40199
CLIENTS = 10
LOG_LINES = 200
RULE, LOGGED = "ephemeral-port-exhaustion", "ephemeral-ports-reported"

CONFIGURATION = """
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr; events {{}}
http {{
  access_log off;
  upstream api {{ server 10.99.0.1:9000; {upstream} }}
  server {{ listen 10.99.0.1:8080; location / {{ proxy_pass http://api; {location} }} }}
}}
"""
NO_KEEPALIVE = {"upstream": "", "location": ""}
KEEPALIVE = {"upstream": "keepalive 16;",
             "location": 'proxy_http_version 1.1; proxy_set_header Connection "";'}


class Api(asyncio.Protocol):
    """Leaves it to the proxy to close."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


def api(tell):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Api, *API)
        tell("listening")
        await server.serve_forever()
    asyncio.run(serve())


class Proxy(lab.Scenario):
    name = "proxy"
    proves = {RULE: "critical"}
    owner = ("10.99.0.1:9000",)
    measured = "answers of a second that are errors"
    steady = True

    def fault(self, host):
        self.start(host, NO_KEEPALIVE)

    def start(self, host, settings):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.spawn("api", api).hear()
        self.start_nginx(host, settings)
        self.measure(host)

    def start_nginx(self, host, settings):
        path = host.directory + "/nginx.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(directory=host.directory, **settings))
        self.nginx = host.start("nginx", "-c", path, "-e", "stderr", port=PROXY[1])

    def check(self, report):
        ports = HIGH - LOW + 1
        lab.says(report.the(RULE, ["critical"], "10.99.0.1:9000"), (ports * 9 // 10, ports), ports)

    def measure(self, host):
        told = host.run("wrk", "-t1", f"-c{CLIENTS}", "-d1s", "http://10.99.0.1:8080/")
        assert re.search(r"[1-9]\d* requests in", told), f"no answer:\n{told}"
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
        return int(failed.group(1)) if failed else 0

    def cure(self, host, report):
        report.fix(self.cured_rule, "application", "keepalive in the upstream block",
                   "proxy_http_version 1.1", "empty Connection header")
        self.nginx.end()
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        self.start_nginx(host, KEEPALIVE)

    cured_rule = RULE

    def twin(self, host):
        self.start(host, KEEPALIVE)


class ProxyLog(lab.Paste, Proxy):
    """All that is seen of it is the proxy's error log."""
    name = "proxy_log"
    proves = {LOGGED: "critical"}
    owner = ("nginx", "10.99.0.1:9000")
    commands = ("uname -r", "sysctl net.ipv4")
    cured_rule = LOGGED
    steady = False
    # In the twin, an upstream that is down.
    twin_beside = frozenset({"not_kernel_tunable"})

    def log(self):
        return "\n".join(self.nginx.said().splitlines()[-LOG_LINES:])

    def check(self, report):
        lab.says(report.the(LOGGED, ["critical"], "10.99.0.1:9000"), LOG_LINES)

    def cure(self, host, report):
        host.apply(report.fix(LOGGED, "network", "Count what holds the ports"))
        super().cure(host, report)

    def twin(self, host):
        """As many errors and as many connections, to an upstream that nobody has started."""
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        self.start_nginx(host, NO_KEEPALIVE)
        assert self.measure(host), "the proxy answers without an upstream"
