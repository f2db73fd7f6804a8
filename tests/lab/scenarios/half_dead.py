"""Connections that one end believes in and the other has lost: idle ones behind a firewall that forgets them, busy
ones whose peers have vanished. And keepalive that comes too late, or gives up too early."""
import os
import signal
import socket
import time

import lab
from lab.firewall import Firewall
from lab.wire import rows

IDLE, BUSY = 120, 20
PORT = 8080
HERE, THERE = "10.8.1.1", "10.8.1.2"
FORGETS_S = 2
PROBE_S = 1


def close_all(connections):
    while connections:
        connections.pop().close()


def keep_alive(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def probe_soon(connection):
    """What the report advises, a minute being a second here."""
    keep_alive(connection)
    for option, value in ((socket.TCP_KEEPIDLE, PROBE_S), (socket.TCP_KEEPINTVL, PROBE_S), (socket.TCP_KEEPCNT, 3)):
        connection.setsockopt(socket.IPPROTO_TCP, option, value)


def idle_server(tell, prepare):
    """An accepted connection inherits what is set on its listener."""
    listener = socket.create_server((HERE, PORT), backlog=IDLE)
    if prepare:
        prepare(listener)
    tell("listening")
    kept = [listener.accept()[0] for _ in range(IDLE)]
    tell("accepted")
    while kept:
        signal.pause()


def idle_clients(tell):
    kept = [socket.create_connection((HERE, PORT)) for _ in range(IDLE)]
    tell(len(kept))
    signal.pause()


def connect_idle(host, far, prepare):
    server = host.spawn("idle-server", idle_server, prepare)
    server.hear()
    clients = far.spawn("clients", idle_clients)
    clients.hear()
    server.hear()
    return server, clients


def wait_for_probes(times):
    before = lab.counter("TcpExt.TCPKeepAlive")
    lab.wait_until(lambda: lab.counter("TcpExt.TCPKeepAlive") >= before + times * IDLE, "all are probed")


class Forgotten(lab.Scenario):
    """A firewall forgets them after two seconds; the clients leave unseen."""
    name = "forgotten_by_firewall"
    proves = {"established-no-keepalive": "info"}
    sample = "1s"
    words = (f"{IDLE} of {IDLE}",)
    steady = True
    measured = "connections that the firewall has forgotten"

    def fault(self, host):
        self.firewall = Firewall(host, established=FORGETS_S)
        self.server, clients = connect_idle(host, self.firewall.far, None)
        lab.wait_until(lambda: not self.firewall.knows(), "the firewall forgets them")
        clients.end()

    def check(self, report):
        lab.says(report.the("established-no-keepalive", ["info"]), IDLE, IDLE)

    def measure(self, host):
        return lab.count(lab.ESTABLISHED) - self.firewall.knows()

    def cure(self, host, report):
        fix = report.fix("established-no-keepalive", "application", "SO_KEEPALIVE", "inherits them from its listener")
        assert "idle-server" in host.look(fix), "the line shows no owner"
        self.server.end()
        connect_idle(host, self.firewall.far, probe_soon)
        wait_for_probes(2 * FORGETS_S)

    def twin(self, host):
        """As many, as idle, behind such a firewall; the server probes them."""
        firewall = Firewall(host, established=FORGETS_S)
        connect_idle(host, firewall.far, probe_soon)
        wait_for_probes(2 * FORGETS_S)
        assert firewall.knows() >= IDLE, "the firewall has forgotten them"


# ---- peers that have vanished ----

GIVE_UP_MS = 1500


def writing_server(tell, go, give_up_ms):
    """Writes to each of its clients, and drops those of which it learns that they are gone."""
    listener = socket.create_server((HERE, PORT), backlog=BUSY)
    if give_up_ms:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, give_up_ms)
    tell("listening")
    served = [listener.accept()[0] for _ in range(BUSY)]
    tell("accepted")
    os.read(go, 1)
    while served:
        for connection in list(served):
            try:
                connection.send(b"news\n")
            except OSError:
                served.remove(connection)
                connection.close()
        time.sleep(0.1)
    signal.pause()


def reading_clients(tell):
    connected = [socket.create_connection((HERE, PORT)) for _ in range(BUSY)]
    tell("connected")
    while True:
        for connection in connected:
            connection.recv(4096)


def thrice_repeated():
    return sum(int(row[3], 16) == lab.ESTABLISHED and row[5].startswith("01:") and int(row[6], 16) >= 3
               for row in rows())


class Vanished(lab.Scenario):
    name = "peers_vanished"
    proves = {"established-peer-gone": "warning"}
    beside = {"not_kernel_tunable"}  # so much is sent again
    sample = "1s"
    words = (f"{BUSY} of {BUSY}",)
    measured = "connections to vanished peers that the program believes in"

    def _serve(self, host, vanish, give_up_ms=None):
        reader, go = os.pipe()
        server = host.spawn("news-server", writing_server, reader, give_up_ms)
        server.hear()
        clients = self.far.spawn("clients", reading_clients)
        clients.hear()
        server.hear()
        if vanish:
            self._lose_answers("add")
        os.write(go, b".")
        return server, clients

    def _lose_answers(self, change):
        self.far.run("ip", "route", change, "blackhole", HERE)

    def fault(self, host):
        self.far = host.link("outside", HERE + "/24", THERE + "/24")
        self.processes = self._serve(host, True)
        lab.wait_until(lambda: thrice_repeated() == BUSY, "three time-outs in a row")

    def check(self, report):
        lab.says(report.the("established-peer-gone", ["warning"]), BUSY, BUSY)

    def measure(self, host):
        return lab.count(lab.ESTABLISHED)

    def cure(self, host, report):
        shown = host.look(report.fix("established-peer-gone", "network", "whose answers"))
        assert shown.split() == [str(BUSY), THERE], shown
        for process in self.processes:
            process.end()
        self._lose_answers("delete")
        report.fix("established-peer-gone", "application", "TCP_USER_TIMEOUT")
        self._serve(host, True, GIVE_UP_MS)
        lab.wait_until(lambda: not lab.count(lab.ESTABLISHED), "the program learns of it", 8)

    def twin(self, host):
        """The same service; the clients are there."""
        self.far = host.link("outside", HERE + "/24", THERE + "/24")
        self._serve(host, False)


# ---- keepalive that comes too late ----

REMEMBERS_S = 120


def probed_too_late():
    """Connections whose first probe comes when the entry of the connection tracking has gone."""
    timers = (row[5].split(":") for row in rows() if int(row[3], 16) == lab.ESTABLISHED)
    return sum(kind == "02" and int(left, 16) / os.sysconf("SC_CLK_TCK") >= REMEMBERS_S for kind, left in timers)


class TooLate(lab.Scenario):
    """This host tracks its connections, and forgets an idle one after two minutes."""
    name = "keepalive_too_late"
    proves = {"keepalive-default-long": "warning"}
    beside = {"harmful_setting"}  # the two minutes themselves
    words = ("net.ipv4.tcp_keepalive_time", str(REMEMBERS_S))
    measured = "connections that are forgotten before they are probed"
    steady = True
    remembers_s = REMEMBERS_S

    def _track(self, host):
        host.run("nft", "add table ip lab; add chain ip lab input { type filter hook input priority 0; };"
                        " add rule ip lab input ct state invalid drop")
        host.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
        host.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", self.remembers_s)
        self.far = host.link("outside", HERE + "/24", THERE + "/24")
        self.processes = connect_idle(host, self.far, keep_alive)

    def fault(self, host):
        self._track(host)

    def check(self, report):
        lab.says(report.the("keepalive-default-long", ["warning"]), 7200, REMEMBERS_S)

    def measure(self, host):
        return probed_too_late()

    def cure(self, host, report):
        host.apply(report.fix("keepalive-default-long", "sysctl", "net.ipv4.tcp_keepalive_time"))
        for process in self.processes:
            process.end()
        connect_idle(host, self.far, keep_alive)

    def twin(self, host):
        """The time that netfilter has by default."""
        self.remembers_s = 432000
        self._track(host)


# ---- keepalive that gives up too early ----

OUTAGE_S = 4.5


class GivesUpEarly(lab.Scenario):
    """An outage of a few seconds ends idle connections that would have outlived it."""
    name = "keepalive_gives_up"
    proves = {"keepalive-aggressive": "warning"}
    remains = {"keepalive-aggressive": "as a note: a probe every 15 s is still one too many"}
    measured = f"idle connections lost in an outage of {OUTAGE_S} s, of {IDLE}"
    settings = {"time": 1, "intvl": 1, "probes": 2}

    def _connect(self, host):
        for name, value in self.settings.items():
            host.sysctl(f"net.ipv4.tcp_keepalive_{name}", value)
        self.far = host.link("outside", HERE + "/24", THERE + "/24")
        self.processes = connect_idle(host, self.far, keep_alive)

    def fault(self, host):
        self._connect(host)

    def check(self, report):
        lab.says(report.the("keepalive-aggressive", ["warning"]), 2, 15)

    def measure(self, host):
        self.far.run("ip", "route", "add", "blackhole", HERE)
        back = time.monotonic() + OUTAGE_S
        lab.wait_until(lambda: time.monotonic() > back or not lab.count(lab.ESTABLISHED), "the outage ends")
        self.far.run("ip", "route", "delete", "blackhole", HERE)
        return IDLE - lab.count(lab.ESTABLISHED)

    def cure(self, host, report):
        host.apply(report.fix("keepalive-aggressive", "sysctl", "net.ipv4.tcp_keepalive_probes"))
        for process in self.processes:
            process.end()
        connect_idle(host, self.far, keep_alive)

    def twin(self, host):
        """The kernel's own settings."""
        self.settings = {}
        self._connect(host)


def probes_in(seconds):
    return lab.growth("TcpExt.TCPKeepAlive", seconds)


class ProbesOften(GivesUpEarly):
    """Patient, but never quiet. As an answered probe is followed by the next after the interval, the time alone does
    no harm: that is the twin."""
    name = "keepalive_often"
    proves = {"keepalive-aggressive": "info"}
    remains = {}
    measured = "probes in 1.5 s"
    settings = {"time": 1, "intvl": 1, "probes": 20}

    def check(self, report):
        lab.says(report.the("keepalive-aggressive", ["info"]), 1, 60)

    def measure(self, host):
        return probes_in(1.5)

    def cure(self, host, report):
        host.apply(report.fix("keepalive-aggressive", "sysctl", "net.ipv4.tcp_keepalive_time"))
        for process in self.processes:
            process.end()
        connect_idle(host, self.far, keep_alive)

    def twin(self, host):
        self.settings = {"time": 1}
        self._connect(host)
