"""A client that opens a connection a request: 90 % of the ephemeral ports of one destination are in TIME_WAIT.
Three cures, each printed: taking over ports in TIME_WAIT, a wider range, a pool."""
import contextlib
import signal
import socket
import time

import lab

LOW, HIGH = 40000, 40199
USABLE = HIGH - LOW + 1
USED = USABLE * 9 // 10
DATABASE = ("10.99.0.1", 5432)  # not 127.0.0.0/8, whose TIME_WAIT ports tcp_tw_reuse=2 reuses
WANTED = 50
REUSABLE_S = 1.2  # tcp_tw_reuse takes over what has been in TIME_WAIT for a second
RULE = "ephemeral-port-exhaustion"


def database(tell):
    listener = socket.create_server(DATABASE, backlog=USABLE)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionResetError):
            connection.recv(1)  # the client closes first, hence its side gets the TIME_WAIT


def client_without_pool(tell):
    """Opens what is missing all at once, then closes it: every connection has its own port.
    Again for the few whose TIME_WAIT a late RST ends (RFC 1337), and for all when the 60 s
    are over, so that the fault can be held."""
    standing = 0
    while True:
        gone = lab.count(lab.FIN_WAIT1, lab.FIN_WAIT2, lab.TIME_WAIT)
        opened = [socket.create_connection(DATABASE) for _ in range(USED - gone)]
        for connection in opened:
            connection.close()
        standing = standing + 1 if lab.count(lab.TIME_WAIT) == USED else 0
        if standing == 3:
            tell("used up")
        time.sleep(0.1)


def client_with_pool(tell):
    pool = [socket.create_connection(DATABASE) for _ in range(10)]
    for connection in pool:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("connected")
    signal.pause()


def failed_connects():
    """Of so many at once. Each ends with a reset, which leaves no TIME_WAIT."""
    made, failed = [], 0
    for _ in range(WANTED):
        client = socket.socket()
        lab.reset_on_close(client)
        try:
            client.connect(DATABASE)
        except OSError:
            failed += 1
        made.append(client)
    for client in made:
        client.close()
    return failed


class PortExhaustion(lab.Scenario):
    name = "port_exhaustion"
    proves = {RULE: "critical", "ephemeral-range-narrow": "info"}
    owner = {RULE: ("10.99.0.1:5432",)}
    words = ("10.99.0.1:5432", str(USED), str(USABLE))
    measured = f"failed connects of {WANTED}"
    steady = True

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.spawn("database", database).hear()
        self.client = host.spawn("client", client_without_pool)
        self.client.hear()

    def check(self, report):
        finding = report.the(RULE, ["critical"], "10.99.0.1:5432")
        assert finding["class"] == "ephemeral_port_exhaustion", finding["class"]
        assert finding["scope"]["kind"] == "destination", finding["scope"]
        lab.says(finding, USED, USABLE)

    def measure(self, host):
        return failed_connects()

    def cure(self, host, report):
        host.apply(report.fix("ephemeral-range-narrow", "sysctl", "net.ipv4.ip_local_port_range"))

    def twin(self, host):
        """As many in TIME_WAIT, in the kernel's default range."""
        host.address("10.99.0.1/32")
        host.spawn("database", database).hear()
        host.spawn("client", client_without_pool).hear()


class PortReuse(PortExhaustion):
    """The range stays narrow: the ports come back after a second."""
    name = "port_reuse"
    proves = {RULE: "critical"}
    steady = False
    remains = {RULE: "as a note: the ports are taken, and taken over"}

    def cure(self, host, report):
        """Typed, for the tool would widen the range, too, as the finding says."""
        host.apply(report.fix(RULE, "sysctl", "net.ipv4.tcp_tw_reuse"), "shell")
        time.sleep(REUSABLE_S)


class PortAdvice(PortExhaustion):
    """All that the finding says to set: timestamps that are off, tcp_tw_reuse, and the range."""
    name = "port_advice"
    proves = {RULE: "critical"}
    beside = frozenset({"harmful_setting"})
    steady = False

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_timestamps", 0)
        super().fault(host)

    def cure(self, host, report):
        host.apply(report.fix(RULE, "sysctl", "net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_reuse"))


class PortPool(PortExhaustion):
    """The program is changed to keep its connections; what it had left expires."""
    name = "port_pool"
    proves = {RULE: "critical"}
    steady = False
    measured = "ports taken"

    def measure(self, host):
        return lab.count(lab.ESTABLISHED, lab.TIME_WAIT, lab.FIN_WAIT1, lab.FIN_WAIT2)

    def cure(self, host, report):
        report.fix(RULE, "application", "pool")
        self.client.end()
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        host.spawn("client", client_with_pool).hear()


class PortTimestamps(PortExhaustion):
    """tcp_tw_reuse is set and does nothing, since timestamps are off."""
    name = "port_timestamps"
    proves = {"tw-reuse-needs-timestamps": "warning", "timestamps-off": "warning"}
    owner = ()
    words = ("TCP timestamps are off",)
    beside = twin_beside = frozenset({"ephemeral_port_exhaustion"})
    steady = False

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_timestamps", 0)
        self.twin(host)

    def check(self, report):
        lab.says(report.the("tw-reuse-needs-timestamps", ["warning"]), 0, 1)

    def cure(self, host, report):
        """What was closed without timestamps rests its 60 s; what the client closes from now on does not."""
        host.apply(report.fix("tw-reuse-needs-timestamps", "sysctl", "net.ipv4.tcp_timestamps",
                              "from now on"))
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        lab.wait_until(lambda: lab.count(lab.TIME_WAIT) == USED, "the client uses the ports up again")
        time.sleep(REUSABLE_S)

    def twin(self, host):
        host.sysctl("net.ipv4.tcp_tw_reuse", 1)
        super().fault(host)
