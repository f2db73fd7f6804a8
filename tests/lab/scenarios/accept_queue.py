"""A server that does not accept: its accept queue is full. Twice, because two limits can bind:
the backlog that the program asked for, or net.core.somaxconn below it."""
import signal
import socket

import lab


def stuck_server(tell, backlog):
    listener = socket.create_server(("127.0.0.1", 8080), backlog=backlog)
    tell("listening")
    signal.pause()
    listener.close()


def clients(tell, count):
    """The queue holds one more than the backlog; the three after that are not answered."""
    waiting = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(count)]
    for _ in range(3):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", 8080))
        waiting.append(connection)
    tell("waiting")
    signal.pause()


class AcceptQueue(lab.Scenario):
    beside = {"accept_queue_overflow"}
    words = ("127.0.0.1:8080", "stuck-server")
    asked = backlog = 0
    somaxconn_binds = False

    def fault(self, host):
        host.spawn("stuck-server", stuck_server, self.asked).hear()
        host.spawn("clients", clients, self.backlog + 1).hear()

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


class ProgramBinds(AcceptQueue):
    """listen(10) under the default somaxconn of 4096: no sysctl will help."""
    name = "accept_queue_program"
    asked = backlog = 10


class SomaxconnBinds(AcceptQueue):
    """listen(1024) cut to 16 by somaxconn."""
    name = "accept_queue_somaxconn"
    asked, backlog = 1024, 16
    somaxconn_binds = True
    beside = AcceptQueue.beside | {"somaxconn_netns"}

    def fault(self, host):
        host.sysctl("net.core.somaxconn", self.backlog)
        super().fault(host)
