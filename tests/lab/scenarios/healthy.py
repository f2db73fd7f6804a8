"""Where nothing is wrong, nothing is said: a working service, and a namespace with no sockets."""
import signal
import socket

import lab

KEPT, SHORT = 50, 200


def service(tell):
    listener = socket.create_server(("127.0.0.1", 8080), backlog=256)
    tell("listening")
    kept = []
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if connection.recv(1) == b"k":
            kept.append(connection)
        else:
            connection.close()
        if len(kept) == KEPT:
            tell("serving")
            kept.append(None)


def clients(tell):
    """Some short connections, whose TIME_WAIT is theirs, then some that stay."""
    for _ in range(SHORT):
        with socket.create_connection(("127.0.0.1", 8080)):
            pass
    kept = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(KEPT)]
    for connection in kept:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sendall(b"k")
    tell("connected")
    signal.pause()


class Healthy(lab.Scenario):
    name = "healthy"

    def fault(self, host):
        server = host.spawn("service", service)
        server.hear()
        host.spawn("clients", clients).hear()
        server.hear()

    def check(self, report):
        states = report.document["namespaces"][0]["states"]
        seen = {state: states[state] for state in ("established", "time_wait", "listen")}
        # A late RST may have ended a few (RFC 1337): ask how many there are.
        made = {"established": 2 * KEPT, "time_wait": lab.count(lab.TIME_WAIT), "listen": 1}
        assert made["time_wait"] > SHORT / 2, f"the lab made only {made['time_wait']} TIME_WAIT"
        assert seen == made, f"the audit saw {seen}, the lab made {made}"
        assert report.document["passed"], "nothing is ruled out"


class Empty(lab.Scenario):
    name = "empty"

    def fault(self, host):
        """None."""

    def check(self, report):
        states = report.document["namespaces"][0].get("states", {})
        assert not any(states.values()), f"sockets in an empty namespace: {states}"


class EmptyKernel(Empty):
    """A kernel that has just been started and does nothing."""
    name = "empty_kernel"
    machine = lab.OWN_KERNEL
