"""A server that closes with a part of the request unread: each such close is a reset. Nobody complains, for
the answer was there before it."""
import contextlib
import socket
import time

import lab

HERE, THERE, PORT = "10.6.0.1", "10.6.0.2", 8080
PER_SECOND = 40
REQUEST = b"x" * 1000


def server(tell, reads_all):
    listener = socket.create_server((HERE, PORT), backlog=64)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            wanted = len(REQUEST) if reads_all else 1
            while wanted > 0:
                wanted -= len(connection.recv(wanted)) or wanted
            connection.sendall(b"no")


def client(tell):
    tell("asking")
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HERE, PORT)) as connection:
            connection.sendall(REQUEST)
            connection.recv(2)
        time.sleep(1 / PER_SECOND)


class ResetsOrdinary(lab.Scenario):
    name = "resets_ordinary"
    proves = {"resets-ordinary": "info", "connections-reset": "info"}
    sample = "1s"
    measured = "resets sent in 1 s"

    def serve(self, host, reads_all):
        self.server = host.spawn("server", server, reads_all)
        self.server.hear()

    def stand(self, host, reads_all):
        outside = host.link("outside", HERE + "/24", THERE + "/24")
        self.serve(host, reads_all)
        outside.spawn("client", client).hear()

    def fault(self, host):
        self.stand(host, reads_all=False)

    def check(self, report):
        lab.says(report.the("resets-ordinary", ["info"]), (PER_SECOND / 2, PER_SECOND))

    def measure(self, host):
        return lab.growth("Tcp.OutRsts")

    def cure(self, host, report):
        report.fix("resets-ordinary", "none", "better made to read it to the end")
        report.fix("connections-reset", "application")
        self.server.end()
        self.serve(host, reads_all=True)
        time.sleep(0.1)  # what met no server has been answered

    def twin(self, host):
        """As many requests, of which each is read to its end."""
        self.stand(host, reads_all=True)
