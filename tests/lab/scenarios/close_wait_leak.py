"""300 CLOSE_WAIT, twice: a server that reads the end of its clients' requests and forgets to close, and
a client's pool that keeps connections which the server has closed."""
import signal
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
    beside = {"close_wait_leak", "fd_limit_process"}
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


BACKEND = ("10.99.0.1", 5432)


def closing_backend(tell):
    listener = socket.create_server(BACKEND, backlog=LEAKED)
    tell("listening")
    for _ in range(LEAKED):
        listener.accept()[0].close()
    tell("closed")


def pool(tell):
    lab.allow_files(1024)
    kept = [socket.create_connection(BACKEND) for _ in range(LEAKED)]
    tell(len(kept))
    signal.pause()


class ClientPoolLeak(lab.Scenario):
    name = "client_pool_leak"
    beside = {"close_wait_leak", "fd_limit_process"}
    words = ("pool", "10.99.0.1:5432", str(LEAKED))

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.tcp_fin_timeout", 1)
        backend = host.spawn("backend", closing_backend)
        backend.hear()
        self.client = host.spawn("pool", pool)
        self.client.hear()
        backend.hear()
        lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1, lab.FIN_WAIT2),
                       "the backend's FIN_WAIT_2 expire")
        host.sysctl("net.ipv4.tcp_fin_timeout", 60)

    def check(self, report):
        finding = report.the("close-wait-client-pool", lab.LOUD, "pool", self.client.pid)
        assert finding["class"] == "close_wait_leak", finding["class"]
        lab.says(finding, LEAKED)
