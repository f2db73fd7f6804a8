"""What curl times when a burst fills the accept queue for a moment: the SYN was dropped, and the next one, a
second later, came through. The timings are what the audit sees."""
import signal
import socket
import subprocess
import time

import lab

ADDRESS = ("127.0.0.1", 8080)
BURST = 30
SHORT, LONG = 8, 511
PHASES = ("time_namelookup", "time_connect", "time_starttransfer", "time_total")
CURL = ("curl", "--silent", "--output", "/dev/null", "--write-out",
        "".join(f"{phase}: %{{{phase}}}\\n" for phase in PHASES), "http://127.0.0.1:8080/")


def burst(tell):
    """Clients that come all at once, and leave soon."""
    kept = [socket.socket() for _ in range(BURST)]
    for client in kept:
        client.setblocking(False)
        client.connect_ex(ADDRESS)
    tell("sent")
    signal.pause()
    kept.clear()


class HandshakeRetried(lab.Paste):
    name = "handshake_retried"
    proves = {"handshake-retried": "warning"}
    words = ("a SYN was lost and sent again",)
    measured = "seconds for a handshake beside a burst"
    backlog = SHORT

    def fault(self, host):
        self.measure(host)

    def log(self):
        return self.timings

    def measure(self, host):
        server = host.spawn("web-server", lab.http_server, ADDRESS, 0, 0.3, self.backlog)
        server.hear()
        crowd = host.spawn("crowd", burst)
        crowd.hear()
        with subprocess.Popen(CURL, stdout=subprocess.PIPE) as curl:
            time.sleep(0.2)  # its SYN has met the queue, full or not
            crowd.end()
            self.timings = curl.stdout.read().decode()
        server.end()
        return float(self.timings.split()[3])

    def cure(self, host, report):
        counted = host.look(report.fix("handshake-retried", "network", "a longer backlog"), "nstat")
        assert "TcpExtListenOverflows" in counted, counted
        self.backlog = LONG

    def twin(self, host):
        """As slow, because the program thinks."""
        host.spawn("web-server", lab.http_server, ADDRESS, 1.1, 0, SHORT).hear()
        self.timings = subprocess.run(CURL, stdout=subprocess.PIPE, check=True).stdout.decode()
