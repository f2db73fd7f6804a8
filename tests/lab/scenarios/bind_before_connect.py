"""Clients that bind() before they connect(): each takes its port for all destinations, not for one."""
import json
import os
import selectors
import signal
import socket

import lab

LOW, HIGH = 40000, 40199
HERE = "10.99.0.1"
STORES = [("10.99.0.1", 9000 + i) for i in range(4)]
RULE = "bind-before-connect"
IP_BIND_ADDRESS_NO_PORT = 24  # include/uapi/linux/in.h
BOUND, EACH = 150, 75


def stores(tell):
    lab.allow_files(4096)
    waiting = selectors.DefaultSelector()
    for address in STORES:
        waiting.register(socket.create_server(address, backlog=512), selectors.EVENT_READ, "listener")
    tell("listening")
    while True:
        for key, _ in waiting.select():
            if key.data:
                waiting.register(accept(key.fileobj), selectors.EVENT_READ)
            else:  # the client has closed
                waiting.unregister(key.fileobj)
                key.fileobj.close()


def accept(listener):
    connection, _ = listener.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connection


def bound(no_port):
    connection = socket.socket()
    if no_port:
        connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    connection.bind((HERE, 0))
    return connection


def preparing_client(tell, no_port):
    """Has its sockets bound long before it needs them."""
    kept = [bound(no_port) for _ in range(BOUND)]
    tell(len(kept))
    signal.pause()


def failed_connects():
    """Of EACH to each store, by a client that does not bind."""
    made, failed = [], 0
    for address in STORES:
        for _ in range(EACH):
            made.append(socket.socket())
            try:
                made[-1].connect(address)
            except OSError:
                failed += 1
    for connection in made:
        lab.reset_on_close(connection)
        connection.close()
    return failed


class BindBeforeConnect(lab.Scenario):
    """Sockets that are bound and wait: nobody else gets their ports, whatever the destination."""
    name = "bind_before_connect"
    proves = {RULE: "warning"}
    words = (f"{BOUND} sockets hold a local port without a connection", "IP_BIND_ADDRESS_NO_PORT")
    measured = f"failed connects of {EACH} to each of {len(STORES)} destinations"
    steady = True

    def fault(self, host):
        if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 8):
            raise lab.Skip("Linux tells of bound sockets since 6.8")
        self.start(host, False)

    def start(self, host, no_port):
        host.address(HERE + "/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.spawn("stores", stores).hear()
        self.client = host.spawn("client", preparing_client, no_port)
        self.client.hear()

    def check(self, report):
        finding = report.the(RULE, ["warning"])
        lab.says(finding, BOUND)
        lab.says(finding, BOUND, HIGH - LOW + 1)

    def measure(self, host):
        return failed_connects()

    def cure(self, host, report):
        report.fix(RULE, "application", "IP_BIND_ADDRESS_NO_PORT before bind()")
        self.client.end()
        self.client = host.spawn("client", preparing_client, True)
        self.client.hear()

    def twin(self, host):
        self.start(host, True)


class BindBeforeConnectLog(lab.Paste):
    """Node binds to a local address first: its ports are used up though each destination has many left."""
    name = "bind_before_connect_log"
    proves = {RULE: "warning"}
    owner = ("node binds before it connects",)
    words = ("Address already in use for an outgoing", "destination is short of ports here")
    commands = ("uname -r", "sysctl net.ipv4", "ss -tanp")
    measured = f"failed connects of {EACH} to each of {len(STORES)} destinations"
    # In the twin, a service whose port an outgoing connection has.
    twin_beside = frozenset({"listen_port_ephemeral_clash"})
    local_address = HERE

    def fault(self, host):
        self.prepare(host)
        self.start(host)

    def prepare(self, host):
        host.address(HERE + "/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.spawn("stores", stores).hear()

    def start(self, host):
        self.client = host.start("node", "-e", CLIENT, self.local_address)
        lab.wait_until(lambda: "done" in self.client.said(), "the client has its connections")

    def log(self):
        return self.client.said()

    def check(self, report):
        assert "EADDRINUSE" in json.dumps(report.the(RULE, ["warning"])["evidence"])

    def measure(self, host):
        return self.client.said().count("Error: ")

    def cure(self, host, report):
        report.fix(RULE, "application", "or do not bind at all")
        self.client.end()
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED, lab.CLOSE_WAIT, lab.LAST_ACK) == 0,
                       "its connections end")
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s, which the report names
        self.local_address = ""
        self.start(host)

    def is_unread(self, row):
        """ss lists no sockets that are merely bound: the rule looks for those when the error is innocent."""
        innocent = row["missing"] == ["namespaces[].sockets.bound_inactive"]
        return super().is_unread(dict(row, missing=["reported"]) if innocent else row)

    def twin(self, host):
        """The same words, of a server: an outgoing connection has its port."""
        self.prepare(host)
        self.local_address = ""
        self.start(host)
        port = host.run("ss", "-Htn", "dst", f"{HERE}:9000").split()[3].rpartition(":")[2]
        self.client = host.start("node", "-e", f"require('net').createServer().listen({port}, '{HERE}')")
        lab.wait_until(lambda: not self.client.is_running(), "the server ends")


CLIENT = """
const net = require("net"), options = process.argv[1] ? { localAddress: process.argv[1] } : {}, kept = [];
let open = WANTED;
function settled() { if (--open == 0) console.log("done"); }
for (let i = 0; i < WANTED; i++) {
  const socket = net.connect({ host: "10.99.0.1", port: 9000 + i % 4, ...options });
  socket.on("error", error => console.error(String(error)));
  socket.on("error", settled);
  socket.on("connect", settled);
  socket.setKeepAlive(true);
  kept.push(socket);
}
""".replace("WANTED", str(EACH * len(STORES)))
