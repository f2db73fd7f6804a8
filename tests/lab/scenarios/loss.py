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
    talkers = 16
    harm = ""
    counter = ""

    def route(self, host):
        self.router = host.link("eth0", HERE + "/24", "10.1.0.254/24")
        self.far = self.router.link("lan", "10.2.0.254/24", FAR + "/24")
        host.run("ip", "route", "add", "10.0.0.0/8", "via", "10.1.0.254")
        self.far.run("ip", "route", "add", "10.0.0.0/8", "via", "10.2.0.254")
        self.router.sysctl("net.ipv4.ip_forward", 1)
        self.far.spawn("server", lab.server, SERVER).hear()
        self.talk(host)

    def talk(self, host):
        self.programs = [host.spawn("talker", talker) for _ in range(self.talkers)]
        for program in self.programs:
            program.hear()

    def fault(self, host):
        self.route(host)
        self.router.run("nft", "add table inet harm; add chain inet harm forward "
                        "{ type filter hook forward priority 0; }; add rule inet harm forward " + self.harm)

    def mend(self, host):
        """Connections begin anew: the old ones may wait long for their next try."""
        self.router.run("nft", "delete table inet harm")
        for program in self.programs:
            program.end()
        host.run("ss", "-K", "dst", FAR)
        self.talk(host)

    def measure(self, host):
        return lab.growth(self.counter)

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
        self.mend(host)


class RewrittenTimestamps(OnTheWay):
    """A middle box rewrites the timestamp of some segments of its connections."""
    name = "paws_drops"
    proves = {"paws-drops": "warning"}
    harm = "tcp sport 9000 numgen random mod 10 == 0 tcp option timestamp tsval set 1"
    counter = "TcpExt.PAWSEstab"
    measured = "segments dropped in a second"

    def check(self, report):
        lab.says(report.the("paws-drops", ["warning"]), (1, 10000))

    def cure(self, host, report):
        report.fix("paws-drops", "network", "timestamps")
        self.mend(host)


def hopeful_clients(tell):
    """Ten that keep on trying, each time anew."""
    while True:
        made = []
        for _ in range(10):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(SERVER)
            made.append(client)
        tell("tried")
        time.sleep(2.5)
        for client in made:
            client.close()


class SynLoss(OnTheWay):
    """A firewall on the way drops the SYNs."""
    name = "syn_retransmits"
    proves = {"syn-retransmits": "info"}
    harm = "tcp dport 9000 drop"
    measured = "failed connects of 10"
    talkers = 0
    beside = frozenset({"syn_sent_peer_unreachable"})

    def fault(self, host):
        super().fault(host)
        host.spawn("hopeful-clients", hopeful_clients).hear()
        lab.wait_until(lambda: lab.counter("TcpExt.TCPSynRetrans") >= 10, "they are sent again")

    def check(self, report):
        lab.says(report.the("syn-retransmits", ["info"]), (5, 30))

    def measure(self, host):
        return lab.failed_connects(SERVER, 10)

    def cure(self, host, report):
        waiting = host.look(report.fix("syn-retransmits", "network"), "syn-sent")
        assert f"{FAR}:9000" in waiting, waiting
        self.mend(host)
        lab.wait_until(lambda: not lab.count(lab.SYN_SENT), "the clients connect")

    def twin(self, host):
        super().twin(host)
        host.spawn("hopeful-clients", hopeful_clients).hear()


class SlowLine(OnTheWay):
    """A shaper at a tenth of the speed of the line: what is to be sent again has not left yet."""
    name = "host_queue_retransmits"
    proves = {"host-queue-retransmits": "warning"}
    talkers = 40
    counter = "TcpExt.TCPSpuriousRtxHostQueues"
    measured = "tries in a second to send what has not left"
    # The kernel counts such tries as retransmissions: peers that do not answer, the report adds below it.
    beside = frozenset({"idle_dead_connection"})
    SHAPER = ("dev", "eth0", "root", "tbf", "burst", "4k", "latency", "30s", "rate")

    def fault(self, host):
        self.route(host)
        host.run("tc", "qdisc", "add", *self.SHAPER, "250kbit")
        lab.wait_until(lambda: lab.counter(self.counter) > 10, "the queue is longer than the time-out")

    def check(self, report):
        lab.says(report.the("host-queue-retransmits", ["warning"]), (10, 1000))

    def cure(self, host, report):
        queue = host.look(report.fix("host-queue-retransmits", "network", "true speed"), "qdisc")
        assert "tbf" in queue, queue
        host.run("tc", "qdisc", "replace", *self.SHAPER, "100mbit")

    def twin(self, host):
        """The same traffic by a shaper at the speed of the line."""
        self.route(host)
        host.run("tc", "qdisc", "add", *self.SHAPER, "100mbit")
