"""Segments that are lost, spoilt or taken for old on the way: by links, by middle boxes, by filters."""
import socket
import time

import lab

HERE, FAR = "10.1.0.1", "10.2.0.2"
SERVER = (FAR, 9000)
CHUNK = 2000


def talker(tell):
    """Small exchanges without end: each waits for its answer."""
    connection = socket.create_connection(SERVER)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tell("connected")
    while True:
        connection.sendall(b"x" * CHUNK)
        left = CHUNK
        while left:
            left -= len(connection.recv(left))
        time.sleep(0.002)


class OnTheWay(lab.Scenario):
    """here - router - far, and a table of the router that does harm."""
    sample = "1s"
    talkers = 8
    harm = ""
    counter = ""

    def route(self, host):
        self.router = host.link("eth0", HERE + "/24", "10.1.0.254/24")
        self.far = self.router.link("lan", "10.2.0.254/24", FAR + "/24")
        host.run("ip", "route", "add", "10.0.0.0/8", "via", "10.1.0.254")
        self.far.run("ip", "route", "add", "10.0.0.0/8", "via", "10.2.0.254")
        self.router.sysctl("net.ipv4.ip_forward", 1)
        self.far.spawn("server", lab.server, SERVER).hear()
        for _ in range(self.talkers):
            host.spawn("talker", talker).hear()

    def fault(self, host):
        self.route(host)
        self.router.run("nft", "add table inet harm; add chain inet harm forward "
                        "{ type filter hook forward priority 0; }; add rule inet harm forward " + self.harm)

    def mend(self):
        self.router.run("nft", "delete table inet harm")

    def measure(self, host):
        before = lab.counter(self.counter)
        time.sleep(1)
        return lab.counter(self.counter) - before

    def twin(self, host):
        """The same traffic by a router that only routes."""
        self.route(host)


class Lossy(OnTheWay):
    """One packet in ten is lost; the command of the report finds whose connections those are."""
    name = "retransmits_high"
    proves = {"retransmits-high": "warning"}
    harm = "tcp dport 9000 numgen random mod 10 == 0 drop"
    counter = "Tcp.RetransSegs"
    measured = "segments sent again in a second"

    def check(self, report):
        lab.says(report.the("retransmits-high", ["warning"]), (5, 1000))

    def cure(self, host, report):
        lab.wait_until(lambda: FAR in host.look(report.fix("retransmits-high", "network"), "ss "),
                       "ss shows a connection to the far side among those that send again")
        self.mend()


class RewrittenTimestamps(OnTheWay):
    """A middle box rewrites the timestamp of some segments of its connections."""
    name = "paws_drops"
    proves = {"paws-drops": "warning"}
    harm = "tcp sport 9000 numgen random mod 10 == 0 tcp option timestamp tsval set 1"
    counter = "TcpExt.PAWSEstab"
    measured = "segments dropped in a second"
    beside = frozenset({"not_kernel_tunable"})

    def check(self, report):
        lab.says(report.the("paws-drops", ["warning"]), (1, 10000))

    def cure(self, host, report):
        report.fix("paws-drops", "network", "timestamps")
        self.mend()
