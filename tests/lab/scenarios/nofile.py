"""A busy server at 95 % of its soft descriptor limit, with connections that are all in use."""
import contextlib
import os
import resource
import signal
import socket
import threading
import time

import lab
from lab.wire import silent

SOFT = 1000
USED = SOFT * 95 // 100
PORT = 8080
MORE, PATIENCE_S = 60, 1


def open_descriptors():
    return len(os.listdir("/proc/self/fd")) - 1  # the one of the listing itself


def busy_server(tell, port, used):
    """Tells how many clients it lacks until so many descriptors are open; then it has place for as many more as
    its limit allows."""
    listener = socket.create_server(("127.0.0.1", port), backlog=MORE)
    missing = used - open_descriptors()
    tell(missing)
    connections = []
    for _ in range(missing):
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connections.append(connection)
    assert open_descriptors() == used
    tell("busy")
    while True:
        try:
            accepted = listener.accept()[0]
        except OSError:  # EMFILE: again, as servers do
            time.sleep(0.02)
            continue
        threading.Thread(target=greet, args=(accepted,), daemon=True).start()


def greet(connection):
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"220 ready\r\n")
        while connection.recv(4096):
            pass


def clients(tell, port, count):
    lab.allow_files(4 * SOFT, 8 * SOFT)
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("connected")
    signal.pause()


def not_served(port, count):
    """Of so many more clients."""
    more = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    waiting = silent(more, PATIENCE_S)
    while more:
        more.pop().close()
    return waiting


class Nofile(lab.Scenario):
    name = "nofile"
    proves = {"nofile-near-limit": "critical", "nofile-soft-1024": "info"}
    owner = ("busy-server",)
    beside = {"fd_limit_process"}
    words = ("busy-server", str(USED), str(SOFT))
    measured = f"clients that are not served, of {MORE}"
    soft = SOFT

    def fault(self, host):
        host.limits[resource.RLIMIT_NOFILE] = (self.soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        self.serve(host)

    def serve(self, host):
        self.server = host.spawn("busy-server", busy_server, PORT, USED)
        host.spawn("clients", clients, PORT, self.server.hear()).hear()
        self.server.hear()

    def check(self, report):
        finding = report.the("nofile-near-limit", ["critical"], "busy-server", self.server.pid)
        assert finding["class"] == "fd_limit_process", finding["class"]
        assert finding["scope"]["kind"] == "process", finding["scope"]
        lab.says(finding, USED, SOFT)

    def measure(self, host):
        return not_served(PORT, MORE)

    def cure(self, host, report):
        host.apply(report.fix("nofile-near-limit", "limit", "prlimit"))

    def twin(self, host):
        """The same server with as many clients, and four times the limit."""
        self.soft = 4 * SOFT
        self.fault(host)


class AtCeiling(Nofile):
    """The limit is as high as fs.nr_open allows, which has to be raised before it. Both are in the plan."""
    name = "nofile_nr_open"
    machine = lab.OWN_KERNEL
    proves = {"nofile-near-limit": "critical"}

    def fault(self, host):
        host.limits[resource.RLIMIT_NOFILE] = (SOFT, SOFT)
        self.serve(host)
        host.sysctl("fs.nr_open", SOFT)

    def cure(self, host, report):
        host.apply(report.fix("nofile-near-limit", "sysctl", "fs.nr_open"))

    def twin(self, host):
        """As many descriptors, and a limit that leaves room."""
        host.limits[resource.RLIMIT_NOFILE] = (4 * SOFT, 4 * SOFT)
        self.serve(host)
