"""Redis stands still for a moment, as it does in a slow command or when its machine is paused, and clients wait in its
accept queue: more than it asked for with tcp-backlog, or than net.core.somaxconn left of that. It says the latter
itself when it starts."""
import os
import signal
import socket
import time

import lab

PORT = 6379
ADDRESS = "127.0.0.1", PORT
CLIENTS = 30
SHORT, CAP, USUAL = 4, 16, 511
ANSWER_S = 0.3  # on loopback a handshake takes no millisecond; a SYN that is dropped comes again after 1 s


def redis(host, backlog=USUAL):
    return host.start("redis-server", "--port", str(PORT), "--bind", ADDRESS[0], "--tcp-backlog", str(backlog),
                      "--save", "", "--dir", host.directory, port=PORT)


def clients(tell):
    """Connect all at once and stay; tells how many are not connected soon."""
    waiting = [socket.socket() for _ in range(CLIENTS)]
    for client in waiting:
        client.setblocking(False)
        client.connect_ex(ADDRESS)
    time.sleep(ANSWER_S)
    tell(lab.count(lab.SYN_SENT))
    signal.pause()


class RedisBacklog(lab.Scenario):
    """tcp-backlog is the limit that binds."""
    name = "redis_backlog"
    proves = {"accept-queue-overflow": "critical"}
    owner = ("redis-server", "127.0.0.1:6379")
    words = ("redis-server", "127.0.0.1:6379", "tcp-backlog")
    beside = frozenset({"syn_sent_peer_unreachable"})  # the clients are here, too
    measured = f"clients of {CLIENTS} that can't connect while Redis stands still"
    asked, backlog = SHORT, SHORT

    def stall(self, host, backlog):
        self.redis = redis(host, backlog)
        os.kill(self.redis.pid, signal.SIGSTOP)
        self.clients = host.spawn("clients", clients)
        self.unanswered = self.clients.hear()

    def fault(self, host):
        self.stall(host, self.asked)

    def check(self, report):
        finding = report.the("accept-queue-overflow", ["critical"], ADDRESS[0])
        lab.says(finding, self.backlog + 1, self.backlog)

    def measure(self, host):
        return self.unanswered

    def restart(self, host, backlog):
        self.clients.end()
        self.redis.end()
        self.stall(host, backlog)

    def cure(self, host, report):
        report.fix("accept-queue-overflow", "application", "longer backlog", "Redis", "tcp-backlog")
        self.restart(host, USUAL)

    def twin(self, host):
        self.stall(host, USUAL)


class RedisCut(lab.Paste, RedisBacklog):
    """tcp-backlog is as it comes, net.core.somaxconn cuts it; what is known is the log of Redis and ss."""
    name = "redis_somaxconn"
    proves = {"accept-queue-overflow": "critical", "somaxconn-low": "warning"}
    owner = ("redis-server",)
    words = (f"asked for {USUAL}",)
    asked, backlog = USUAL, CAP
    commands = ("ss -Hltnp", "sysctl net.core.somaxconn")

    def log(self):
        return self.redis.said()

    def fault(self, host):
        host.sysctl("net.core.somaxconn", CAP)
        super().fault(host)

    def check(self, report):
        super().check(report)
        told = [row["source"] for row in report.the("accept-queue-overflow", ["critical"])["evidence"]
                if row["value"] == USUAL]
        assert "backlog warnings" in told[0], told
        lab.says(report.the("somaxconn-low", ["warning"]), USUAL, CAP)

    def cure(self, host, report):
        host.apply(report.fix("somaxconn-low", "sysctl", "net.core.somaxconn"), "shell")
        self.restart(host, USUAL)
