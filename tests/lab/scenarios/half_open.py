"""Clients whose last ACK never comes: the SYN queue of a listener fills. What happens then depends on SYN
cookies, and what helps on who the clients are."""
import contextlib
import socket
import time

from segments import send_syn

import lab

HERE, THERE, SPOOFED, PORT = "10.7.0.1", "10.7.0.2", "10.7.0.99", 8080
BACKLOG, HALF_OPEN, LONG = 64, 48, 511
PROBES = 5
EDGE = "add table ip edge; add chain ip edge out { type filter hook output priority 0; }"


def web_server(tell, backlog=BACKLOG):
    """Accepts, and keeps nobody."""
    listener = socket.create_server((HERE, PORT), backlog=backlog)
    tell("listening")
    while True:
        with contextlib.suppress(OSError):
            listener.accept()[0].close()


def send_syns(first, count):
    for i in range(count):
        send_syn(SPOOFED, first + i, HERE, PORT)


def syn_sender(tell, first, per_second):
    """Goes on asking, from one port after another."""
    tell("sending")
    while True:
        with contextlib.suppress(PermissionError):  # a filter tells its own host
            send_syn(SPOOFED, first, HERE, PORT)
        first += 1
        time.sleep(1 / per_second)


def honest_clients(tell, per_second):
    """Short connections from the other host; who gets no answer in a moment leaves."""
    tell("connecting")
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HERE, PORT), 0.2) as client:
            client.recv(1)
        time.sleep(1 / per_second)


class SynQueue(lab.Scenario):
    """A web server, another host that talks to it, and a sender who is not there."""
    sample = "1s"

    def prepare(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        # Answers to a client that is not there are dropped, not refused.
        host.run("ip", "neigh", "add", SPOOFED, "lladdr", "02:00:00:00:00:01", "dev", "outside",
                 "nud", "permanent")

    def serve(self, host, backlog):
        self.server = host.spawn("web-server", web_server, backlog)
        self.server.hear()

    def half_open(self, count):
        send_syns(20000, count)
        lab.wait_until(lambda: lab.count(lab.SYN_RECV) >= count, "the SYN queue fills")

    def serve_anew(self, host, backlog, half_open):
        self.server.end()
        self.serve(host, backlog)
        self.half_open(half_open)

    def failed_connects(self):
        return self.outside.inside(lab.failed_connects, (HERE, PORT), PROBES)


class HalfOpen(SynQueue):
    """Three quarters of the SYN queue are taken; for a burst the rest is too little, and cookies do it."""
    name = "half_open"
    proves = {"syn-recv-pile": "warning"}
    owner = (f"{HERE}:{PORT}", "web-server")
    beside = {"syn_queue_overflow"}
    words = (f"{HERE}:{PORT}", str(HALF_OPEN))
    measured = "of 32 more requests that no longer fit"

    def fault(self, host):
        self.prepare(host)
        self.serve(host, BACKLOG)
        self.half_open(HALF_OPEN)

    def check(self, report):
        finding = report.the("syn-recv-pile", ["warning"], f"{HERE}:{PORT}")
        assert finding["class"] == "syn_queue_overflow", finding["class"]
        lab.says(finding, HALF_OPEN)

    def measure(self, host):
        before = lab.counter("TcpExt.TCPReqQFullDoCookies")
        send_syns(30000, 32)
        return lab.counter("TcpExt.TCPReqQFullDoCookies") - before

    def cure(self, host, report):
        sources = host.look(report.fix("syn-recv-pile", "network", "handshakes come from"))
        assert SPOOFED in sources, sources
        report.fix("syn-recv-pile", "application", "let web-server ask for a longer backlog")
        self.serve_anew(host, LONG, HALF_OPEN)

    def twin(self, host):
        """As many half-open requests, of a listener with a longer queue."""
        self.prepare(host)
        self.serve(host, LONG)
        self.half_open(HALF_OPEN)


class NoCookies(SynQueue):
    """SYN cookies were switched off: a full SYN queue makes the listener deaf."""
    name = "half_open_no_cookies"
    proves = {"syn-recv-pile": "critical", "syn-queue-overflow": "critical", "syncookies-off": "warning"}
    owner = {"syn-recv-pile": (f"{HERE}:{PORT}", "web-server"), "syn-queue-overflow": (f"{HERE}:{PORT}",)}
    measured = f"failed connects of {PROBES}"
    remains = {"syn-recv-pile": "milder: the queue is still full, and clients connect past it"}

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_syncookies", 0)
        self.stand(host)

    def stand(self, host, backlog=BACKLOG, half_open=BACKLOG + 1):
        """A sender at such a pace keeps the queue full, and is no flood."""
        self.prepare(host)
        self.serve(host, backlog)
        self.half_open(half_open)
        host.spawn("sender", syn_sender, 30000, 4).hear()

    def check(self, report):
        lab.says(report.the("syn-recv-pile", ["critical"], f"{HERE}:{PORT}"), BACKLOG + 1)
        lab.says(report.the("syn-queue-overflow", ["critical"]), (1, 5))

    def measure(self, host):
        return self.failed_connects()

    def cure(self, host, report):
        for rule in self.proves:
            host.apply(report.fix(rule, "sysctl", "net.ipv4.tcp_syncookies"))

    def twin(self, host):
        """The same sender, with cookies in reserve and a longer queue."""
        self.stand(host, LONG)


class SynBacklog(NoCookies):
    """Without cookies tcp_max_syn_backlog counts, too: a quarter of it is kept for peers that are known."""
    name = "half_open_syn_backlog"
    proves = {"listen-overflows": "warning", "syncookies-off": "warning"}
    owner = {"listen-overflows": (f"{HERE}:{PORT}",)}
    remains = {}
    ROOM = 128

    def stand(self, host, backlog=LONG, half_open=ROOM * 3 // 4):
        host.sysctl("net.ipv4.tcp_max_syn_backlog", self.ROOM)
        super().stand(host, backlog, half_open)

    def check(self, report):
        finding = report.the("listen-overflows", ["warning"])
        assert f"tcp_max_syn_backlog ({self.ROOM})" in finding["diagnosis"], finding["diagnosis"]

    def twin(self, host):
        """The same, with the cookies that are the default."""
        self.stand(host)


class HonestCookies(SynQueue):
    """The queue is full, and the clients that get cookies are real: it is too short for them."""
    name = "half_open_cookies"
    proves = {"syn-queue-overflow": "warning"}
    owner = (f"{HERE}:{PORT}",)
    beside = {"syn_queue_overflow"}
    measured = "requests of 1 s answered with a cookie"

    def fault(self, host):
        self.stand(host, BACKLOG)

    def stand(self, host, backlog):
        self.prepare(host)
        self.serve(host, backlog)
        self.half_open(BACKLOG + 1)
        self.outside.spawn("clients", honest_clients, 20).hear()

    def check(self, report):
        lab.says(report.the("syn-queue-overflow", ["warning"]), (5, 25))

    def measure(self, host):
        return lab.growth("TcpExt.TCPReqQFullDoCookies")

    def cure(self, host, report):
        report.fix("syn-queue-overflow", "application", "longer backlog", f"{HERE}:{PORT} has {BACKLOG}")
        self.serve_anew(host, LONG, BACKLOG + 1)

    def twin(self, host):
        """The same clients and half-open requests, which all fit."""
        self.stand(host, LONG)


class Flood(SynQueue):
    """SYNs from a source that never answers, in masses: it is to be stopped before this host."""
    name = "half_open_flood"
    proves = {"syn-flood": "critical"}
    beside = {"syn_queue_overflow"}
    measured = "cookies sent in 1 s"
    PER_SECOND = 100

    def fault(self, host):
        self.prepare(host)
        self.serve(host, BACKLOG)
        self.half_open(BACKLOG + 1)
        self.outside.spawn("flood", syn_sender, 30000, self.PER_SECOND).hear()
        self.outside.spawn("clients", honest_clients, 5).hear()

    def check(self, report):
        lab.says(report.the("syn-flood", ["critical"]), (self.PER_SECOND / 4, self.PER_SECOND + 10))

    def measure(self, host):
        return lab.growth("TcpExt.SyncookiesSent")

    def cure(self, host, report):
        """Who asks most, by the command printed, is filtered over there."""
        sources = host.look(report.fix("syn-flood", "network", "Filter or limit the flood before this host"))
        source = sources.split()[1]
        assert source == SPOOFED, sources
        self.outside.run("nft", f"{EDGE}; add rule ip edge out ip saddr {source} drop")

    def twin(self, host):
        """As many requests, by clients that answer."""
        self.prepare(host)
        self.serve(host, BACKLOG)
        self.outside.spawn("clients", honest_clients, self.PER_SECOND).hear()


class Logged(NoCookies):
    """The kernel says "possible SYN flooding" once for each listening socket. That it said so stays."""
    name = "half_open_logged"
    machine = lab.OWN_KERNEL
    options = ("--allow-module-load",)  # nobody has called ss yet
    proves = {"syn-queue-overflow-logged": "warning"}
    owner = (str(PORT), "web-server")
    beside = {"syn_queue_overflow", "harmful_setting"}
    remains = {"syn-queue-overflow-logged": "as a note: the line stands in the kernel log"}

    def check(self, report):
        lab.says(report.the("syn-queue-overflow-logged", ["warning"]), BACKLOG)

    def cure(self, host, report):
        host.apply(report.fix("syn-queue-overflow-logged", "sysctl", "net.ipv4.tcp_syncookies"))
        report.fix("syn-queue-overflow-logged", "application", "Let web-server ask for a longer listen()")
        self.serve_anew(host, LONG, BACKLOG + 1)
