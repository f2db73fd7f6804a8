"""A program that does not close what its peers have reset: TCP sockets that no table lists, each with a descriptor.
In a kernel of its own, for how many sockets exist is counted for the whole host."""
import contextlib
import os
import signal
import socket

import lab

RESET = 300
SERVER = ("127.0.0.1", 8080)


def forgetful_server(tell, count, closes):
    """After an error it goes on with the next one; closes: it closes the one that failed, too."""
    lab.allow_files(1024, 4096)
    listener = socket.create_server(SERVER, backlog=64)
    tell("listening")
    kept = []
    for _ in range(count):
        connection, _ = listener.accept()
        with contextlib.suppress(ConnectionResetError):
            connection.recv(4096)
        if closes:
            connection.close()
        else:
            kept.append(connection)
    tell("served")
    signal.pause()


def resetting_clients(tell, count):
    for _ in range(count):
        with socket.create_connection(SERVER) as connection:
            lab.reset_on_close(connection)
    tell("reset")
    signal.pause()


def staying_clients(tell, count):
    lab.allow_files(1024, 4096)
    kept = []
    for _ in range(count):
        kept.append(socket.create_connection(SERVER))
        kept[-1].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        kept[-1].sendall(b"HELO\r\n")
    tell("connected")
    signal.pause()


class HiddenSockets(lab.Scenario):
    name = "hidden_sockets"
    machine = lab.OWN_KERNEL
    proves = {"hidden-socket-leak": "warning"}
    owner = ("app-server",)
    words = ("app-server",)
    measured = "descriptors of the program"

    def _serve(self, host, client, closes):
        self.server = host.spawn("app-server", forgetful_server, RESET, closes)
        self.server.hear()
        host.spawn("clients", client, RESET).hear()
        self.server.hear()

    def fault(self, host):
        self._serve(host, resetting_clients, False)
        assert not lab.count(lab.ESTABLISHED, lab.CLOSE_WAIT), "they are in a table"

    def check(self, report):
        finding = report.the("hidden-socket-leak", ["warning"], f"app-server (pid {self.server.pid})")
        lab.says(finding, (RESET, RESET + 10))

    def measure(self, host):
        return len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def cure(self, host, report):
        fix = report.fix("hidden-socket-leak", "application", "after an error, too")
        held = int(host.look(fix, "/proc/"))
        assert RESET <= held <= RESET + 2, f"the line counts {held} sockets"
        self.server.end()
        self._serve(host, resetting_clients, True)

    def twin(self, host):
        """As many connections that it keeps, and they live."""
        self._serve(host, staying_clients, False)
