"""HAProxy as it is often set up: with time-outs so long that half-closed connections stay, with a maxconn that is too
small, and in mode tcp, where each client takes a port to the server. Each is cured by lines of its configuration."""
import contextlib
import os
import resource
import select
import signal
import socket
import time

import lab

HERE, THERE = "10.8.0.1", "10.8.0.2"
FRONT, BACK = (HERE, 8080), (THERE, 9000)
COUNT = 120
MAXCONN, CLIENTS = 20, 40
SOON_S = 0.3
LOW, HIGH = 40000, 40199
USABLE = HIGH - LOW + 1
STAYING, VISITS, WANTED = 5, USABLE * 9 // 10, 50
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"

CONFIGURATION = """
global
    {maxconn}
defaults
    mode {mode}
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    {more}
listen web
    bind 10.8.0.1:8080
    server app 10.8.0.2:9000
"""


def haproxy(host, maxconn="maxconn 400", mode="tcp", more=""):
    path = os.path.join(host.directory, "haproxy.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(maxconn=maxconn, mode=mode, more=more))
    return host.start("haproxy", "-db", "-f", path, port=FRONT[1])


def asked(connection):
    """HAProxy resets the connections that it has no use for."""
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(1000)
    return b""


def application(tell, closes):
    """Answers each request on a connection. When its client ends, so does it, or it forgets to."""
    listener = socket.create_server(BACK, backlog=1024)
    tell("listening")
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    open_ = {}
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == listener.fileno():
                connection, _ = listener.accept()
                open_[connection.fileno()] = connection
                poll.register(connection, select.POLLIN)
            elif asked(open_[descriptor]):
                open_[descriptor].sendall(ANSWER)
            else:
                poll.unregister(descriptor)
                if closes:
                    open_.pop(descriptor).close()


def get(connection):
    """Whether a request is answered."""
    try:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: app\r\n\r\n")
        return connection.recv(1000).endswith(b"ok\n")
    except OSError:
        return False


def visitors(tell, count, leave):
    """One after the other each asks once, and leaves or stays; tells how many had no answer."""
    failed, connections = 0, []
    for _ in range(count):
        connection = socket.create_connection(FRONT)
        failed += not get(connection)
        connections.append(connection)
        if leave:
            connection.close()
    tell(failed)
    signal.pause()


class Haproxy(lab.Scenario):
    owner = ("haproxy",)

    def start(self, host, closes, **how):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        self.outside.spawn("application", application, closes).hear()
        host.limits[resource.RLIMIT_NOFILE] = (1024, 1024)
        self.haproxy = haproxy(host, **how)

    def restart(self, host, **how):
        self.haproxy.end()
        self.haproxy = haproxy(host, **how)

    def visit(self, count, leave=True):
        self.visitors = self.outside.spawn("visitors", visitors, count, leave)
        return self.visitors.hear()


class HaproxyHalfClosed(Haproxy):
    """It passes a client's end on, and the application forgets to close."""
    name = "haproxy_half_closed"
    proves = {"close-wait-leak": "warning", "fin-wait-2-held": "warning"}
    words = ("haproxy", "timeout client-fin", "FIN_WAIT_2")
    measured = "descriptors of HAProxy"

    def fault(self, host):
        self.start(host, False)
        self.visit(COUNT)
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT == lab.count(lab.FIN_WAIT2), "HAProxy waits")

    def check(self, report):
        for rule in self.proves:
            lab.says(report.the(rule, ["warning"], "haproxy", self.haproxy.pid), COUNT, 1024)

    def measure(self, host):
        return len(os.listdir(f"/proc/{self.haproxy.pid}/fd"))

    def cure(self, host, report):
        lines = report.fix("close-wait-leak", "application", "time-out for the half")["commands"]["haproxy"]
        self.restart(host, more="\n    ".join(lines))
        self.visit(COUNT)
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == 0, "HAProxy closes")

    def twin(self, host):
        """As many clients, who have not ended."""
        self.start(host, False)
        self.visit(COUNT, False)


def crowd(tell):
    """The first are served, all others come at once; tells how many of these are not connected soon."""
    waiting = [socket.create_connection(FRONT) for _ in range(MAXCONN)]
    for client in waiting:
        assert get(client)
    waiting += [socket.socket() for _ in range(CLIENTS)]
    for client in waiting[MAXCONN:]:
        client.setblocking(False)
        client.connect_ex(FRONT)
    time.sleep(SOON_S)
    tell(lab.count(lab.SYN_SENT))
    signal.pause()


class HaproxyMaxconn(Haproxy):
    """At its maxconn it stops to accept, and the accept queue, which is as long, fills."""
    name = "haproxy_maxconn"
    proves = {"accept-queue-overflow": "critical"}
    owner = ("haproxy", "10.8.0.1:8080")
    words = ("haproxy", "10.8.0.1:8080", f"maxconn {10 * MAXCONN}")
    measured = f"clients of {CLIENTS} that can't connect"

    def come(self):
        self.crowd = self.outside.spawn("crowd", crowd)
        self.unanswered = self.crowd.hear()

    def fault(self, host):
        self.start(host, True, maxconn=f"maxconn {MAXCONN}")
        self.come()

    def check(self, report):
        lab.says(report.the("accept-queue-overflow", ["critical"], "10.8.0.1:8080"), MAXCONN + 1, MAXCONN)

    def measure(self, host):
        return self.unanswered

    def cure(self, host, report):
        line, = report.fix("accept-queue-overflow", "application", "maxconn of haproxy")["commands"]["haproxy"]
        self.crowd.end()
        self.restart(host, maxconn=line)
        self.come()

    def twin(self, host):
        self.start(host, True)
        self.come()


class HaproxyPorts(Haproxy):
    """In mode tcp each client has a connection to the server of its own, which HAProxy closes first: TIME_WAIT."""
    name = "haproxy_ports"
    proves = {"ephemeral-port-exhaustion": "critical"}
    owner = ("haproxy", "10.8.0.2:9000")
    words = ("haproxy", "10.8.0.2:9000", "http-reuse")
    beside = frozenset({"ephemeral_port_exhaustion"})
    twin_beside = beside
    measured = f"visitors of {WANTED} without an answer"

    def fault(self, host):
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        self.start(host, True)
        self.visit(STAYING, False)
        self.visit(VISITS)

    def measure(self, host):
        return self.visit(WANTED)

    def cure(self, host, report):
        report.fix("ephemeral-port-exhaustion", "application", "HAProxy", "mode http")
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        self.restart(host, mode="http")
        self.visit(VISITS)

    def twin(self, host):
        """As many visitors."""
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        self.start(host, True, mode="http")
        self.visit(VISITS)
