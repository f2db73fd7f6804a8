"""TIME_WAIT: in masses and harmless, with the settings that old lists advise against it, and where those do
harm: a table too small for it, and a peer that is cut off."""
import errno
import re
import socket
import time

import lab

SERVER = ("10.99.0.1", 8080)
MANY, WANTED = 500, 100
LATE_S = 2.5


def server(tell, address):
    """Answers, and closes first."""
    listener = socket.create_server(address, backlog=512)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"hello")


def ask(source=None):
    with socket.create_connection(SERVER, timeout=2, source_address=source) as connection:
        while connection.recv(100):
            pass


def ask_often(count):
    for _ in range(count):
        ask()


def closing_client(tell, address):
    """Closes first: its side has the TIME_WAIT."""
    listener = socket.create_server(address)
    for _ in range(MANY):
        with socket.create_connection(address):
            connection, _ = listener.accept()
        connection.recv(1)
        connection.close()
    tell("done")


class TimeWait(lab.Scenario):
    """A server that closes first: each of its connections rests for 60 s, and nobody suffers."""
    name = "time_wait"
    proves = {"time-wait-normal": "info"}
    harmless = True
    words = ("TIME_WAIT sockets are harmless", "none of them holds an outgoing port")
    measured = f"clients of {WANTED} that come back from the same port and are not served"
    # In the twin, what is not harmless.
    twin_beside = frozenset({"ephemeral_port_exhaustion"})

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.spawn("server", server, SERVER).hear()
        ask_often(MANY)

    def check(self, report):
        standing = lab.count(lab.TIME_WAIT)
        assert standing > MANY * 9 // 10, f"the lab made only {standing}"
        lab.says(report.the("time-wait-normal", ["info"]), standing)

    def measure(self, host):
        failed = 0
        for port in range(20000, 20000 + WANTED):
            for _ in range(2):
                try:
                    ask(("10.99.0.1", port))
                except OSError:
                    failed += 1
        return failed

    def twin(self, host):
        """As many, of a client that closes first, and its ports run out."""
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"40000 {40000 + MANY * 11 // 10}")
        host.spawn("client", closing_client, SERVER).hear()


class TimeWaitSettings(TimeWait):
    """The same with two settings that shall shorten it."""
    name = "time_wait_settings"
    proves = {"tw-reuse-useless-on-server": "info", "fin-timeout-not-time-wait": "info"}
    words = ("tcp_tw_reuse = 1 does nothing", "tcp_fin_timeout = 15 s does not shorten TIME_WAIT")
    measured = "TIME_WAIT that will end before their 60 s"

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_tw_reuse", 1)
        host.sysctl("net.ipv4.tcp_fin_timeout", 15)
        super().fault(host)

    def check(self, report):
        standing = lab.count(lab.TIME_WAIT)
        lab.says(report.the("tw-reuse-useless-on-server", ["info"]), standing, standing)
        lab.says(report.the("fin-timeout-not-time-wait", ["info"]), 15, 60)

    def measure(self, host):
        """The timers say so."""
        timers = re.findall(r"timer:\(timewait,(?:(\d+)min)?(?:(\d+)sec)?",
                            host.run("ss", "-tano", "state", "time-wait"))
        assert len(timers) > MANY * 9 // 10, f"only {len(timers)} timers"
        return sum(int(minutes or 0) * 60 + int(seconds or 0) < 50 for minutes, seconds in timers)

    def twin(self, host):
        """As many, of a client, whom the first setting serves."""
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.tcp_tw_reuse", 1)
        host.spawn("client", closing_client, SERVER).hear()


class TimeWaitTableLow(lab.Scenario):
    """The table was made small, to have fewer: a burst does not fit."""
    name = "time_wait_table_low"
    proves = {"tw-buckets-lowered": "warning"}
    words = ("tcp_max_tw_buckets = 1000",)
    measured = "closed connections of a burst that skip TIME_WAIT"
    limit = 1000
    steady = True

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_max_tw_buckets", self.limit)
        self.twin(host)

    def check(self, report):
        finding = report.the("tw-buckets-lowered", ["warning"])
        lab.says(finding, lab.count(lab.TIME_WAIT), self.limit)

    def measure(self, host):
        before = lab.counter("TcpExt.TCPTimeWaitOverflow")
        ask_often(MANY)
        return lab.counter("TcpExt.TCPTimeWaitOverflow") - before

    def cure(self, host, report):
        host.apply(report.fix("tw-buckets-lowered", "sysctl", "net.ipv4.tcp_max_tw_buckets"))

    def twin(self, host):
        """As many, in a table as the kernel makes it."""
        host.address("10.99.0.1/32")
        host.spawn("server", server, SERVER).hear()
        ask_often(MANY + WANTED)


class TimeWaitTableFull(TimeWaitTableLow):
    """It is full, under load."""
    name = "time_wait_table_full"
    proves = {"tw-bucket-overflow": "warning", "tw-buckets-lowered": "warning"}
    words = ("full and refuses entries",)
    limit = 200
    steady = False
    sample = "1s"

    def check(self, report):
        finding = report.the("tw-bucket-overflow", ["warning"])
        lab.says(finding, (self.limit - 2, self.limit + 2), self.limit)

    def cure(self, host, report):
        host.apply(report.fix("tw-bucket-overflow", "sysctl", "net.ipv4.tcp_max_tw_buckets"))

    def twin(self, host):
        super().twin(host)
        host.spawn("client", steady_client).hear()


def steady_client(tell):
    tell("begins")
    while True:
        ask()
        time.sleep(0.01)


class FinTimeout(lab.Scenario):
    """A peer finishes its side seconds after this host did: with a short tcp_fin_timeout it is cut off."""
    name = "fin_timeout"
    proves = {"fin-timeout-not-time-wait": "warning"}
    words = ("tcp_fin_timeout = 1 s does not shorten TIME_WAIT",)
    measured = f"peers of {WANTED} that meet a reset"
    steady = True

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.tcp_fin_timeout", 1)
        host.spawn("server", server, SERVER).hear()
        ask_often(MANY)

    def check(self, report):
        lab.says(report.the("fin-timeout-not-time-wait", ["warning"]), 1, 60)

    def measure(self, host):
        peers = [socket.create_connection(SERVER) for _ in range(WANTED)]
        time.sleep(LATE_S)
        for peer in peers:
            peer.shutdown(socket.SHUT_WR)
        reset = sum(peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET for peer in peers)
        for peer in peers:
            peer.close()
        return reset

    def cure(self, host, report):
        host.apply(report.fix("fin-timeout-not-time-wait", "sysctl", "net.ipv4.tcp_fin_timeout"))
        host.run("ss", "-K", "state", "time-wait")

    def twin(self, host):
        """Short, but long enough for peers, and no TIME_WAIT that it could have been meant for."""
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.tcp_fin_timeout", 15)
        host.spawn("server", server, SERVER).hear()
        ask_often(WANTED)
