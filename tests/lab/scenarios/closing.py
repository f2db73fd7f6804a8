"""Closes that do not come to their end: the peer has vanished (FIN_WAIT_1), a firewall has forgotten the connection
(LAST_ACK), both ends close on the same time-out (CLOSING), or a reset ends it."""
import contextlib
import os
import signal
import socket
import time

import lab
from lab.firewall import Firewall

COUNT = 120
SENT_AGAIN = {"not_kernel_tunable"}  # what is not acknowledged is: a finding of its own, where the window has many
HERE, THERE = ("10.8.1.1", 8080), "10.8.1.2"
GIVE_UP_MS = 1000


def close_all(connections):
    while connections:
        connections.pop().close()


def server(tell, go, give_up_ms):
    """Closes its connections on a sign."""
    listener = socket.create_server(HERE, backlog=COUNT)
    if give_up_ms:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, give_up_ms)
    tell("listening")
    accepted = [listener.accept()[0] for _ in range(COUNT)]
    tell("accepted")
    os.read(go, 1)
    close_all(accepted)
    tell("closed")
    signal.pause()


def clients(tell, closes):
    connected = [socket.create_connection(HERE) for _ in range(COUNT)]
    if closes:
        close_all(connected)
    tell("connected")
    signal.pause()


class Serving:
    """A server here and clients there, until the sign."""

    def __init__(self, host, far, closes=False, give_up_ms=None):
        reader, self._go = os.pipe()
        self._server = host.spawn("web-server", server, reader, give_up_ms)
        self._server.hear()
        self._clients = far.spawn("clients", clients, closes)
        self._clients.hear()
        self._server.hear()

    def close(self):
        os.write(self._go, b".")
        assert self._server.hear() == "closed"

    def end(self):
        self._clients.end()
        self._server.end()


class FinWait1(lab.Scenario):
    name = "fin_wait1"
    proves = {"fin-wait-1-pile": "warning"}
    beside = SENT_AGAIN
    sample = "1s"
    measured = "closed connections that are still tried"

    def _lose_answers(self, lost):
        self.far.run("ip", "route", "add" if lost else "delete", "blackhole", HERE[0])

    def fault(self, host):
        self.far = host.link("outside", HERE[0] + "/24", THERE + "/24")
        self.serving = Serving(host, self.far)
        self._lose_answers(True)
        self.serving.close()
        assert lab.count(lab.FIN_WAIT1) == COUNT

    def check(self, report):
        lab.says(report.the("fin-wait-1-pile", self.proves.values()), COUNT)

    def measure(self, host):
        return lab.count(lab.FIN_WAIT1)

    def _see_whose(self, host, report):
        shown = host.look(report.fix("fin-wait-1-pile", "network", "does not acknowledge"), "sort -rn")
        assert shown.split() == [str(COUNT), THERE], shown

    def cure(self, host, report):
        """The peers come back, which ends what there is; they vanish again from the changed program."""
        self._see_whose(host, report)
        self._lose_answers(False)
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1), "the peers acknowledge")
        self.serving.end()
        report.fix("fin-wait-1-pile", "application", "TCP_USER_TIMEOUT")
        serving = Serving(host, self.far, give_up_ms=GIVE_UP_MS)
        self._lose_answers(True)
        serving.close()
        assert lab.count(lab.FIN_WAIT1) == COUNT
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1), "the program's time-out ends them", 8)

    def twin(self, host):
        """As many are closed at the same moment; the peers are there, and leave it at that."""
        far = host.link("outside", HERE[0] + "/24", THERE + "/24")
        Serving(host, far).close()


MAX_ORPHANS = 2 * COUNT


class FinWait1Orphans(FinWait1):
    """Half of all that the host allows."""
    name = "fin_wait1_orphans"
    machine = lab.OWN_KERNEL
    proves = {"fin-wait-1-pile": "critical"}
    beside = SENT_AGAIN | {"orphan_limit"}
    later = {"fin-wait-1-pile": "each is given up at its next retransmission"}

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_max_orphans", MAX_ORPHANS)
        super().fault(host)

    def cure(self, host, report):
        self._see_whose(host, report)
        host.apply(report.fix("fin-wait-1-pile", "sysctl", "net.ipv4.tcp_orphan_retries"))
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1), "they are given up")

    def twin(self, host):
        host.sysctl("net.ipv4.tcp_max_orphans", MAX_ORPHANS)
        super().twin(host)


class LastAck(lab.Scenario):
    """A firewall forgets a connection a second after the client's FIN, and drops what it does not know."""
    name = "last_ack"
    proves = {"last-ack-pile": "warning"}
    beside = SENT_AGAIN
    sample = "1s"
    measured = "connections that wait for the last acknowledgement"
    forgets_s = 1

    def _serve(self, host):
        self.firewall = Firewall(host, fin_wait=self.forgets_s, close_wait=self.forgets_s)
        serving = Serving(host, self.firewall.far, closes=True)
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the clients have closed")
        return serving

    def fault(self, host):
        serving = self._serve(host)
        lab.wait_until(lambda: not self.firewall.knows(), "the firewall has forgotten them")
        serving.close()
        assert lab.count(lab.LAST_ACK) == COUNT

    def check(self, report):
        lab.says(report.the("last-ack-pile", ["warning"]), COUNT)

    def measure(self, host):
        return lab.count(lab.LAST_ACK)

    def cure(self, host, report):
        fix = report.fix("last-ack-pile", "network", "drops our FINs", "INVALID")
        shown = host.look(fix, "sort -rn")
        assert shown.split() == [str(COUNT), "10.8.2.2"], shown
        self.firewall.treat_unknown("reject with tcp reset")
        lab.wait_until(lambda: not lab.count(lab.LAST_ACK), "the resets end them", 15)

    def twin(self, host):
        """The same firewall; it waits a minute, as others do."""
        self.forgets_s = 60
        self._serve(host).close()


# ---- both ends close at the same moment ----

CLOSING = 30


def end(tell, go, connect, closes_first):
    """One end of all connections: closes them on the sign, or when the other end has."""
    if connect:
        connections = [socket.create_connection(HERE) for _ in range(CLOSING)]
    else:
        listener = socket.create_server(HERE, backlog=CLOSING)
        tell("listening")
        connections = [listener.accept()[0] for _ in range(CLOSING)]
    tell("connected")
    os.read(go, 1)
    if not closes_first:
        for connection in connections:
            connection.recv(1)
    close_all(connections)
    tell("closed")
    signal.pause()


class SameTimeOut(lab.Scenario):
    """The sign stands for an idle time-out, which both ends have alike. What this host sends is held up, as on a long
    path, but for longer: the state lasts while the audit looks."""
    name = "same_time_out"
    proves = {"closing-seen": "info"}
    beside = twin_beside = SENT_AGAIN
    measured = "connections closed by both ends at once"

    def _hold_up(self, held):
        self.far.run("nft", "add table ip lab;"
                     " add chain ip lab input { type filter hook input priority 0; policy drop; }"
                     if held else "delete table ip lab")

    def _close(self, host, here_too):
        (here_go, here_sign), (there_go, there_sign) = os.pipe(), os.pipe()
        here = host.spawn("web-server", end, here_go, False, here_too)
        here.hear()
        there = self.far.spawn("client", end, there_go, True, True)
        there.hear()
        here.hear()
        self._hold_up(True)
        os.write(here_sign, b".")
        if here_too:  # nobody hears of it yet
            here.hear()
        os.write(there_sign, b".")
        there.hear()
        lab.wait_until(lambda: lab.count(lab.CLOSING, lab.LAST_ACK) == CLOSING, "the FINs of the clients arrive")
        self.at_once = lab.count(lab.CLOSING)
        for process in (here, there):
            process.end()

    def fault(self, host):
        self.far = host.link("outside", HERE[0] + "/24", THERE + "/24")
        self._close(host, True)

    def check(self, report):
        lab.says(report.the("closing-seen", ["info"]), CLOSING)

    def measure(self, host):
        return self.at_once

    def cure(self, host, report):
        report.fix("closing-seen", "none", "make one side's idle time-out shorter")
        self._hold_up(False)
        lab.wait_until(lambda: not lab.count(lab.CLOSING), "they end by themselves")
        self._close(host, False)

    def twin(self, host):
        self.far = host.link("outside", HERE[0] + "/24", THERE + "/24")
        self._close(host, False)


# ---- resets ----

BODY = b"POST / HTTP/1.0\r\n\r\n" + bytes(1 << 20)
ASKED, PAUSE_S = 10, 0.05
ANSWER = b"HTTP/1.0 413 Content Too Large\r\n\r\n"


def read_to_the_end(connection):
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(1 << 16):
        pass


def answering_server(tell, before_close):
    listener = socket.create_server(HERE, backlog=COUNT)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            connection.sendall(ANSWER)
            if before_close:
                before_close(connection)


def is_answered(request):
    """Whether the answer arrives, and its end."""
    try:
        with socket.create_connection(HERE) as connection:
            connection.sendall(request)
            got = b""
            while part := connection.recv(4096):
                got += part
            return got == ANSWER
    except OSError:
        return False


def stream_of_requests(tell, request):
    while True:
        is_answered(request)
        tell("asked")
        time.sleep(PAUSE_S)


def unanswered(request):
    return ASKED - sum(is_answered(request) for _ in range(ASKED))


class UnreadBody(lab.Scenario):
    """The answer is given before the request is read, and close() does the rest."""
    name = "resets_unread"
    proves = {"connections-reset": "info"}
    sample = "1s"
    measured = f"requests whose answer is lost, of {ASKED}"
    before_close = None
    request = BODY
    fix = "Read to the end before close()"

    def _serve(self, host, before_close):
        server = host.spawn("web-server", answering_server, before_close)
        server.hear()
        return server

    def _ask(self, host):
        self.far = host.link("outside", HERE[0] + "/24", THERE + "/24")
        self.server = self._serve(host, self.before_close)
        self.far.spawn("clients", stream_of_requests, self.request).hear()

    def fault(self, host):
        self._ask(host)

    def check(self, report):
        finding = report.the("connections-reset", ["info"])
        lab.says(finding, (5, 1 / PAUSE_S + 1))

    def measure(self, host):
        return self.far.inside(unanswered, self.request)

    def cure(self, host, report):
        report.fix("connections-reset", "application", self.fix)
        self.server.end()
        self.server = self._serve(host, read_to_the_end)

    def twin(self, host):
        """The same requests, as often; they are read."""
        self.before_close = read_to_the_end
        self._ask(host)


class Abort(UnreadBody):
    """SO_LINGER with time 0, which some set against TIME_WAIT."""
    name = "resets_linger"
    before_close = staticmethod(lab.reset_on_close)
    request = b"GET / HTTP/1.0\r\n\r\n"
    fix = "SO_LINGER with time 0"
