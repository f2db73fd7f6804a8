"""FIN_WAIT_2: half-closed connections that a process holds, which tcp_fin_timeout does not end; the same, a few in
each of many workers; and connections that nobody holds, whose peer does not close."""
import os
import signal
import socket

import lab
from lab.wire import rows

HELD = 150
PEER = ("10.99.0.1", 9000)


def close_all(connections):
    while connections:
        connections.pop().close()


def peer(tell):
    lab.allow_files(4096)
    listener = socket.create_server(PEER, backlog=HELD)
    tell("listening")
    kept = [listener.accept()[0] for _ in range(HELD)]
    tell(len(kept))
    signal.pause()


def half_closer(tell, count, closes):
    """Waits for the end of the peer's stream: for ever, or no more than a moment."""
    lab.allow_files(1024)
    kept = [socket.create_connection(PEER) for _ in range(count)]
    for connection in kept:
        connection.shutdown(socket.SHUT_WR)
    if closes:
        close_all(kept)
    tell(len(kept))
    signal.pause()


class FinWait2(lab.Scenario):
    """A proxy that half-closes its connections and keeps them. The other side, which never closes, has them in
    CLOSE_WAIT."""
    name = "fin_wait2"
    proves = {"fin-wait-2-held": "warning"}
    owner = ("half-closer",)
    beside = {"fin_wait2_pileup", "close_wait_leak"}
    twin_beside = {"close_wait_leak"}
    words = ("half-closer", str(HELD))
    measured = "descriptors of the proxy"

    def _half_close(self, host, closes):
        other = host.spawn("peer", peer)
        other.hear()
        self.closer = host.spawn("half-closer", half_closer, HELD, closes)
        self.closer.hear()
        other.hear()
        lab.wait_until(lambda: lab.count(lab.FIN_WAIT2) >= HELD, "FIN_WAIT_2 stand")
        return other

    def fault(self, host):
        host.address("10.99.0.1/32")
        self.peer = self._half_close(host, False)

    def check(self, report):
        finding = report.the("fin-wait-2-held", ["warning"], "half-closer", self.closer.pid)
        assert finding["class"] == "fin_wait2_pileup", finding["class"]
        lab.says(finding, HELD)

    def measure(self, host):
        return len(os.listdir(f"/proc/{self.closer.pid}/fd"))

    def cure(self, host, report):
        fix = report.fix("fin-wait-2-held", "application", "time-out after shutdown(SHUT_WR)")
        assert host.look(fix).count("half-closer") == HELD, "ss shows another owner"
        self.closer.end()
        self.peer.end()
        self._half_close(host, True)

    def twin(self, host):
        """As many in the same state; the proxy has closed them, and they end by themselves."""
        host.address("10.99.0.1/32")
        self._half_close(host, True)


CREW, EACH = 5, HELD // 5


class FinWait2Spread(FinWait2):
    """No worker has many."""
    name = "fin_wait2_spread"
    proves = {"fin-wait-2-unowned": "warning"}
    owner = ("spread over many processes",)
    words = ("spread over many processes", str(HELD))

    def _half_close(self, host, closes):
        other = host.spawn("peer", peer)
        other.hear()
        self.crew = [host.spawn("worker", half_closer, EACH, closes) for _ in range(CREW)]
        for process in self.crew:
            process.hear()
        other.hear()
        lab.wait_until(lambda: lab.count(lab.FIN_WAIT2) >= HELD, "FIN_WAIT_2 stand")
        return other

    def check(self, report):
        lab.says(report.the("fin-wait-2-unowned", ["warning"]), HELD)

    def measure(self, host):
        return sum(len(os.listdir(f"/proc/{process.pid}/fd")) for process in self.crew)

    def cure(self, host, report):
        names = host.look(report.fix("fin-wait-2-unowned", "none", "Count by program"))
        assert names.split()[:2] == [str(HELD), '(("worker"'], names
        report.fix("fin-wait-2-unowned", "application", "time-out after shutdown(SHUT_WR)")
        for process in (*self.crew, self.peer):
            process.end()
        self._half_close(host, True)


# ---- nobody holds them ----

SERVICE = ("10.8.0.2", 9000)
# A few more than the 500 that the rule asks for: one whose FIN is acknowledged while close() still has the socket stays a
# full socket, with the timer of keepalive (tcp_rcv_state_process, net/ipv4/tcp_input.c).
ORPHANS, FEWER, TABLE = 520, 500, 2000
LIFE_S, SHORTER_S = 60, 30


def service(tell, count, closes):
    lab.allow_files(4096)
    listener = socket.create_server(SERVICE, backlog=count)
    tell("listening")
    kept = []
    for _ in range(count):
        connection, _ = listener.accept()
        if connection.recv(1) == b"" and closes:
            connection.close()
        kept.append(connection)
    tell("served")
    signal.pause()


def caller(tell, count):
    for _ in range(count):
        socket.create_connection(SERVICE).close()
    tell("closed")
    signal.pause()


def life_left():
    """The longest life of a FIN_WAIT_2 that nobody holds, in seconds."""
    timers = (row[5].split(":") for row in rows() if int(row[3], 16) == lab.FIN_WAIT2)
    return max(int(left, 16) / os.sysconf("SC_CLK_TCK") for kind, left in timers if kind == "03")


class FinWait2Orphans(lab.Scenario):
    """This host closes; the program at the other end of the link does not. Few places are left for TIME_WAIT."""
    name = "fin_wait2_orphans"
    proves = {"fin-wait-2-orphans": "warning", "fin-wait-2-remote-bug": "info"}
    owner = {"fin-wait-2-remote-bug": ("10.8.0.2:9000",)}
    words = ("10.8.0.2:9000", str(ORPHANS))
    later = dict.fromkeys(proves, "those that stand keep their time")
    measured = "connections that the peer has not closed"
    steady = True

    def _call(self, host, count, closes):
        process = self.other.spawn("service", service, count, closes)
        process.hear()
        host.spawn("caller", caller, count).hear()
        process.hear()
        return process

    def _join(self, host):
        host.sysctl("net.ipv4.tcp_max_tw_buckets", TABLE)
        self.other = host.link("outside", "10.8.0.1/24", "10.8.0.2/24")

    def fault(self, host):
        self._join(host)
        self.service = self._call(host, ORPHANS, False)
        lab.wait_until(lambda: lab.count(lab.FIN_WAIT2) == ORPHANS, "FIN_WAIT_2 stand")

    def check(self, report):
        lab.says(report.the("fin-wait-2-orphans", ["warning"]), (FEWER, ORPHANS), TABLE)
        lab.says(report.the("fin-wait-2-remote-bug", ["info"], "10.8.0.2:9000"), ORPHANS, ORPHANS)

    def measure(self, host):
        return lab.count(lab.FIN_WAIT2)

    def cure(self, host, report):
        shown = host.look(report.fix("fin-wait-2-orphans", "application", "close its side"))
        assert shown.split() == [str(ORPHANS), SERVICE[0]], shown
        report.fix("fin-wait-2-remote-bug", "application", "10.8.0.2:9000")
        self._sooner(host, report)
        self._call(host, ORPHANS, True)

    def _sooner(self, host, report):
        """What the setting does, which the report prints beside it, for a peer that is not ours to change."""
        assert SHORTER_S < life_left() <= LIFE_S, life_left()
        host.apply(report.fix("fin-wait-2-orphans", "sysctl", "net.ipv4.tcp_fin_timeout"))
        self.service.end()
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT2), "the old ones have ended")
        process = self._call(host, 1, False)
        lab.wait_until(lambda: lab.count(lab.FIN_WAIT2), "FIN_WAIT_2 stands")
        assert life_left() <= SHORTER_S, life_left()
        process.end()

    def twin(self, host):
        """As many calls into a table as small; the peer closes, too."""
        self._join(host)
        self._call(host, ORPHANS, True)
