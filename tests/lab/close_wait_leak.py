#!/usr/bin/env python3
"""A server that reads the end of its clients' requests and forgets to close: 300 CLOSE_WAIT."""
import socket

import lab

LEAKED = 300


def leaky_server(tell):
    lab.allow_files(1024)
    listener = socket.create_server(("127.0.0.1", 8080), backlog=64)
    tell("listening")
    leaked = []
    while len(leaked) < LEAKED:
        connection, _ = listener.accept()
        while connection.recv(4096):
            pass
        leaked.append(connection)
    tell("leaking")
    while True:
        leaked.append(listener.accept()[0])


def clients(tell):
    for _ in range(LEAKED):
        with socket.create_connection(("127.0.0.1", 8080)) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    tell("closed")


class CloseWaitLeak(lab.Scenario):
    name = "close_wait_leak"
    # 300 of 1024 descriptors is a leak that already weighs on the limit: both may be said.
    expected = {"close_wait_leak", "fd_limit_process"}
    words = ("leaky-server", str(LEAKED))

    def fault(self, host):
        # The clients live in the same namespace. Their own remains (FIN_WAIT_2 without a
        # process) would be a second finding, and a true one: let them expire at once.
        host.sysctl("net.ipv4.tcp_fin_timeout", 1)
        self.server = host.spawn("leaky-server", leaky_server)
        self.server.hear()
        host.spawn("clients", clients).hear()
        self.server.hear()
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1, lab.FIN_WAIT2),
                       "the clients' FIN_WAIT_2 expire")
        host.sysctl("net.ipv4.tcp_fin_timeout", 60)

    def check(self, report):
        finding = report.the("close-wait-leak", lab.LOUD, "leaky-server", self.server.pid)
        assert finding["class"] == "close_wait_leak", finding["class"]
        assert finding["scope"]["kind"] == "process", finding["scope"]
        lab.says(finding, LEAKED)
        cures = [fix for fix in finding["fixes"] if fix["kind"] == "sysctl"]
        assert not cures, f"no sysctl cures a leak: {cures}"


if __name__ == "__main__":
    lab.main(CloseWaitLeak())
