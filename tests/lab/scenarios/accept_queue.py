"""A server that does not accept for a while: its accept queue is full, and further clients get no answer. Two
limits can bind: the backlog that the program asked for, or net.core.somaxconn below it, which a container has
for itself. A longer queue bridges such a pause."""
import contextlib
import signal
import socket
import time

import lab

ADDRESS = ("127.0.0.1", 8080)
OWNER = ("127.0.0.1:8080", "stuck-server")
LONG = 511
PROBES = 5
CROWD, THINKS_S = 40, 0.05


def stuck_server(tell, backlog):
    listener = socket.create_server(ADDRESS, backlog=backlog)
    tell("listening")
    signal.pause()
    listener.close()


def clients(tell, connected, unanswered=0):
    waiting = [socket.create_connection(ADDRESS) for _ in range(connected)]
    for _ in range(unanswered):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(ADDRESS)
        waiting.append(connection)
    tell("waiting")
    signal.pause()


def bursty_server(tell, backlog):
    """Accepts one, thinks for a moment, and then accepts all that have come meanwhile."""
    listener = socket.create_server(ADDRESS, backlog=backlog)
    tell("listening")
    while True:
        listener.setblocking(True)
        listener.accept()[0].close()
        time.sleep(THINKS_S)
        listener.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                listener.accept()[0].close()


def crowd(tell):
    """All at once, again and again."""
    tell("coming")
    while True:
        lab.failed_connects(ADDRESS, CROWD, 5 * THINKS_S)
        time.sleep(5 * THINKS_S)


class AcceptQueue(lab.Scenario):
    """The queue holds one more than the backlog; the clients after that are not answered."""
    owner = {"accept-queue-overflow": OWNER}
    beside = {"accept_queue_overflow"}
    words = OWNER
    measured = f"failed connects of {PROBES}"
    asked = backlog = 0
    unanswered = 3
    somaxconn_binds = False

    def fault(self, host):
        self.server = host.spawn("stuck-server", stuck_server, self.asked)
        self.server.hear()
        self.clients = host.spawn("clients", clients, self.backlog + 1, self.unanswered)
        self.clients.hear()

    def check(self, report):
        finding = report.the("accept-queue-overflow", ["critical"], "127.0.0.1:8080")
        assert finding["class"] == "accept_queue_overflow", finding["class"]
        assert finding["scope"]["kind"] == "listener", finding["scope"]
        lab.says(finding, self.backlog + 1, self.backlog)
        # A namespace of processes looks like a container: there the fix is a command.
        raised = any("net.core.somaxconn" in str(fix.get(part)) for fix in finding["fixes"]
                     for part in ("settings", "commands"))
        assert raised == self.somaxconn_binds, \
            "somaxconn " + ("binds, yet no fix raises it" if self.somaxconn_binds
                            else "does not bind, yet is to be raised")

    def measure(self, host):
        return lab.failed_connects(ADDRESS, PROBES)

    def restart(self, host, asked):
        """The server listens anew, and stops accepting again while as many clients come."""
        self.server.end()
        self.clients.end()
        self.server = host.spawn("stuck-server", stuck_server, asked)
        self.server.hear()
        host.spawn("clients", clients, self.backlog + 1 + self.unanswered).hear()


class ProgramBinds(AcceptQueue):
    """listen(10) under the default somaxconn of 4096: no sysctl will help."""
    name = "accept_queue_program"
    proves = {"accept-queue-overflow": "critical"}
    asked = backlog = 10

    def cure(self, host, report):
        report.fix("accept-queue-overflow", "application", "stuck-server ask for a longer backlog than 10")
        self.restart(host, LONG)

    def twin(self, host):
        """The same short backlog, with room left in it."""
        host.spawn("stuck-server", stuck_server, self.asked).hear()
        host.spawn("clients", clients, self.backlog * 7 // 10).hear()


class SomaxconnBinds(AcceptQueue):
    """listen(1024) cut to 16 by somaxconn, in a container."""
    name = "accept_queue_somaxconn"
    proves = {"accept-queue-overflow": "critical", "somaxconn-container": "info"}
    asked, backlog = 1024, 16
    somaxconn_binds = True
    beside = AcceptQueue.beside | {"somaxconn_netns"}

    def fault(self, host):
        host.sysctl("net.core.somaxconn", self.backlog)
        super().fault(host)

    def cure(self, host, report):
        for rule in self.proves:
            host.apply(report.fix(rule, "service", "docker run --sysctl"), "docker")
        self.restart(host, self.asked)

    def twin(self, host):
        """As many wait, with the default of somaxconn."""
        host.spawn("stuck-server", stuck_server, self.asked).hear()
        host.spawn("clients", clients, self.backlog + 1 + self.unanswered).hear()


class HostBinds(SomaxconnBinds):
    """The same on a host, where the setting is one command away. Somebody had raised another, which does not
    help. The clients that wait are programs of the host, too."""
    name = "accept_queue_host"
    machine = lab.OWN_KERNEL
    options = ("--allow-module-load",)  # nobody has called ss yet
    proves = {"accept-queue-overflow": "critical", "somaxconn-low": "info", "syn-sent-pile": "warning",
              "syn-backlog-no-effect": "info", "listen-overflows-total": "info"}
    remains = {"listen-overflows-total": "as a note: the counter keeps what was"}
    sample = "0"  # a rate would say it better than the total
    owner = {"accept-queue-overflow": OWNER, "somaxconn-low": ("127.0.0.1:8080",),
             "syn-sent-pile": ("127.0.0.1:8080", "clients")}
    unanswered = 40
    later = {"accept-queue-overflow": "the server gets the backlog when it listens anew"}

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_max_syn_backlog", 8192)
        super().fault(host)

    def check(self, report):
        super().check(report)
        pile = report.the("syn-sent-pile", ["warning"], "127.0.0.1:8080")
        lab.says(pile, self.unanswered)
        assert "on this host, and its accept queue is full" in pile["diagnosis"], pile["diagnosis"]

    def cure(self, host, report):
        report.fix("syn-sent-pile", "application", "Make room", "127.0.0.1:8080, on this host")
        for rule in ("accept-queue-overflow", "somaxconn-low", "syn-backlog-no-effect"):
            host.apply(report.fix(rule, "sysctl", "net.core.somaxconn"))
        self.restart(host, self.asked)


class Bursts(lab.Scenario):
    """The queue overflows for moments; it is rarely seen full, but the listener counts what it drops."""
    name = "accept_queue_bursts"
    proves = {"accept-queue-overflow": "warning|critical"}
    owner = ("127.0.0.1:8080", "bursty-server")
    beside = {"syn_sent_peer_unreachable"}  # the crowd is of this host, too
    sample = "1s"
    measured = f"failed connects of a crowd of {CROWD}"

    def serve(self, host, backlog):
        self.server = host.spawn("bursty-server", bursty_server, backlog)
        self.server.hear()

    def stand(self, host, backlog):
        self.serve(host, backlog)
        self.crowd = host.spawn("crowd", crowd)
        self.crowd.hear()

    def fault(self, host):
        self.stand(host, 10)

    def check(self, report):
        # Of each crowd the queue and the server take twelve.
        lab.says(report.the("accept-queue-overflow", ["warning", "critical"]), (CROWD - 15, 10 * CROWD))

    def measure(self, host):
        """Beside the crowd that comes anyway."""
        return lab.failed_connects(ADDRESS, CROWD, 5 * THINKS_S)

    def cure(self, host, report):
        report.fix("accept-queue-overflow", "application", "bursty-server ask for a longer backlog than 10")
        self.server.end()
        self.serve(host, LONG)

    def twin(self, host):
        """The same crowd, and room for it."""
        self.stand(host, LONG)


class Passed(lab.Paste):
    """A wave of clients has passed: what is left of it is a counter, in what somebody pasted."""
    name = "accept_queue_passed"
    proves = {"listen-overflows-total": "warning"}
    owner = OWNER
    commands = ("cat /proc/net/netstat", "ss -ltnp")
    remains = {"listen-overflows-total": "as a note: the counter keeps what was"}
    measured = "failed connects of 14"

    def log(self):
        return ""

    def serve(self, host, backlog):
        self.backlog = backlog
        self.server = host.spawn("stuck-server", stuck_server, backlog)
        self.server.hear()

    def wave(self, host):
        """Fourteen clients before the server accepts; then nobody waits any more."""
        failed = lab.failed_connects(ADDRESS, 14)
        self.server.end()
        self.serve(host, self.backlog)
        return failed

    def fault(self, host):
        self.serve(host, 10)
        self.wave(host)

    def check(self, report):
        finding = report.the("listen-overflows-total", ["warning"])
        lab.says(finding, lab.counter("TcpExt.ListenOverflows"))
        assert "the shortest backlog is 10" in finding["title"], finding["title"]

    def measure(self, host):
        return self.wave(host)

    def cure(self, host, report):
        report.fix("listen-overflows-total", "application", "stuck-server ask for a longer backlog than 10")
        self.server.end()
        self.serve(host, LONG)

    def twin(self, host):
        """The same wave, and room for it."""
        self.serve(host, LONG)
        self.wave(host)
