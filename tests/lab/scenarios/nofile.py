"""A busy server at 95 % of its soft descriptor limit, with connections that are all in use."""
import os
import signal
import socket

import lab

SOFT = 1000
USED = SOFT * 95 // 100


def open_descriptors():
    return len(os.listdir("/proc/self/fd")) - 1  # the one of the listing itself


def busy_server(tell):
    lab.allow_files(SOFT)
    listener = socket.create_server(("127.0.0.1", 8080), backlog=64)
    missing = USED - open_descriptors()
    tell(missing)
    connections = []
    for _ in range(missing):
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connections.append(connection)
    assert open_descriptors() == USED
    tell("busy")
    signal.pause()


def clients(tell, count):
    lab.allow_files(4 * SOFT)
    connections = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(count)]
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("connected")
    signal.pause()


class Nofile(lab.Scenario):
    name = "nofile"
    beside = {"fd_limit_process"}
    words = ("busy-server", str(USED), str(SOFT))

    def fault(self, host):
        self.server = host.spawn("busy-server", busy_server)
        host.spawn("clients", clients, self.server.hear()).hear()
        self.server.hear()

    def check(self, report):
        finding = report.the("nofile-near-limit", ["critical"], "busy-server", self.server.pid)
        assert finding["class"] == "fd_limit_process", finding["class"]
        assert finding["scope"]["kind"] == "process", finding["scope"]
        lab.says(finding, USED, SOFT)
