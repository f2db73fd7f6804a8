"""Source NAT without a port: two pods on two processors that are given the same one at the same moment, a
node whose translation has few ports, and a gateway outside, of which only its silence is seen."""
import collections
import contextlib
import os
import select
import signal
import socket
import time

import lab

SHOP = ("198.51.100.2", 80)
CLASH, SINCE_BOOT = "snat-port-clash", "snat-port-clash-since-boot"
PERIOD_S, PATIENCE = 0.01, 30  # of a round; rounds after which a SYN without an answer is lost
CROWD = 1200
ROUNDS, FOREVER, PORTS = 100, 400000, 2000


def shop(tell, address, port):
    """Greets its clients, and keeps the last of them."""
    lab.allow_files(8192)
    listener = socket.create_server((address, port), backlog=2048)
    kept = collections.deque(maxlen=4000)
    tell("listening")
    while True:
        kept.append(listener.accept()[0])
        kept[-1].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with contextlib.suppress(ConnectionResetError):
            kept[-1].sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def abort(connection):
    """Without TIME_WAIT on either side."""
    lab.reset_on_close(connection)
    connection.close()


def is_connected(connection):
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return poll.poll(0) == [(connection.fileno(), select.POLLOUT)]


def begin(address, source=None):
    """A connect() that nobody waits for."""
    connection = socket.socket()
    if source:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.bind(source)
    connection.setblocking(False)
    connection.connect_ex(address)
    return connection


def pod(tell, processor, address, start, first, rounds):
    """Opens a connection every round, from the next of its ports, at the same moment as the other pod; tells
    how many SYNs were lost."""
    os.sched_setaffinity(0, {processor})
    with contextlib.suppress(PermissionError):  # then a busy machine may keep the two apart
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    waiting, lost = collections.deque(), 0
    for number in range(rounds + PATIENCE):
        due = start + number * PERIOD_S
        time.sleep(max(due - time.monotonic() - 0.001, 0))
        while time.monotonic() < due:
            pass
        if number < rounds:
            waiting.append(begin(SHOP, (address, first + number % PORTS)))
        if number >= PATIENCE:
            lost += not is_connected(waiting[0])
            abort(waiting.popleft())
    tell(lost)


class Node(lab.Scenario):
    """A node of a cluster: its pods get out by masquerading."""
    sample = "1s"

    def build(self, host, masquerade):
        self.pods = host.link("cni0", "10.244.0.1/16", "10.244.0.2/16")
        self.pods.run("ip", "address", "add", "10.244.0.3/16", "dev", "eth0")
        self.pods.run("ip", "route", "add", "default", "via", "10.244.0.1")
        self.world = host.link("out", "198.51.100.1/24", "198.51.100.2/24")
        self.world.spawn("shop", shop, *SHOP).hear()
        host.sysctl("net.ipv4.ip_forward", 1)
        translate(host, f"ip saddr 10.244.0.0/16 oifname != cni0 meta l4proto tcp {masquerade}")

    def cure(self, host, report):
        host.apply(report.fix(CLASH, "network", "masquerade fully-random"), "nftables")


def translate(host, rule):
    host.run("nft", "add table ip nat")
    host.run("nft", "add chain ip nat postrouting { type nat hook postrouting priority srcnat; }")
    host.run("nft", "add rule ip nat postrouting " + rule)


class SnatRace(Node):
    """Pods on two processors open connections at the same moment from the same port of theirs: NAT keeps the
    port for both, and the second SYN is dropped when its entry is to be inserted."""
    name = "snat_race"
    proves = {CLASH: "warning"}
    measured = f"SYNs of {2 * ROUNDS} that are lost"
    first = 20000

    def fault(self, host):
        self.start(host, "masquerade")

    def start(self, host, masquerade):
        self.processors = sorted(os.sched_getaffinity(0))[:2]
        if len(self.processors) < 2:
            raise lab.Skip("a race takes two processors")
        self.build(host, masquerade)
        # Between the choice of the port and the insertion, as on a node with many rules.
        host.run("nft", "add chain ip nat policies { type filter hook postrouting priority 200; }")
        host.run("nft", "; ".join(f"add rule ip nat policies ip saddr 192.0.2.{i % 250} counter"
                                  for i in range(2000)))
        self.load = self.race(FOREVER)

    def race(self, rounds):
        start = time.monotonic() + 0.1
        self.first += PORTS  # not those of the last time, which may be in TIME_WAIT
        return [self.pods.spawn("pod", pod, processor, f"10.244.0.{2 + i}", start, self.first, rounds)
                for i, processor in enumerate(self.processors)]

    def measure(self, host):
        for process in self.load:
            process.end()
        lost = sum(process.hear() for process in self.race(ROUNDS))
        self.load = self.race(FOREVER)
        return lost

    def twin(self, host):
        self.start(host, "masquerade fully-random")


def crowd(tell, addresses, each):
    """So many connections to each address, and kept; tells how many hang when no more get through."""
    lab.allow_files(8192)
    kept = []
    for i in range(each):
        kept += [begin(tuple(address)) for address in addresses]
        if i % 20 == 0:
            time.sleep(0.002)  # what comes at once must fit the backlog of a processor
    before, hanging = None, len(kept)
    while hanging != before:
        time.sleep(0.4)
        before, hanging = hanging, sum(not is_connected(connection) for connection in kept)
    tell(hanging)
    signal.pause()


class SnatPorts(Node):
    """The translation has ten ports: no more pods than that get a connection to the shop."""
    name = "snat_ports"
    proves = {CLASH: "warning"}
    measured = f"connections of {CROWD} that hang"
    masquerade = "masquerade to :40000-40009"
    crowd = None

    def fault(self, host):
        self.build(host, self.masquerade)
        self.measure(host)

    def measure(self, host):
        """Of new pods; the SYNs of those that hang are sent again, every second at first."""
        if self.crowd:
            self.crowd.end()
        self.crowd = self.pods.spawn("crowd", crowd, [SHOP], CROWD)
        return self.crowd.hear()

    def twin(self, host):
        self.build(host, "masquerade")
        assert self.measure(host) == 0, "a connection hangs without a reason"


class SnatSinceBoot(SnatPorts):
    """A look at the counters alone, which says to look twice."""
    name = "snat_since_boot"
    proves = {SINCE_BOOT: "info"}
    remains = {SINCE_BOOT: "what was counted since boot stays"}
    sample = "0"

    def cure(self, host, report):
        report.fix(SINCE_BOOT, "none", "Take two samples a few seconds apart")
        super().cure(host, lab.Report(self.audit(sample="1s")))


class Gateway(lab.Scenario):
    """A gateway has fewer ports for each destination than this host has connections: those beyond hang."""
    name = "snat_gateway"
    proves = {"snat-gateway-suspected": "warning"}
    owner = ("crowd",)
    words = ("a NAT on the way may be out of ports",)
    beside = twin_beside = frozenset({"syn_sent_peer_unreachable"})
    sample = "1s"
    measured = "connections that hang"
    sites = [(f"203.0.113.{i}", 443) for i in range(1, 7)]
    ports = ":40000-40009"

    def build(self, host, ports):
        self.gateway = host.link("uplink", "10.1.0.2/24", "10.1.0.1/24")
        self.world = self.gateway.link("out", "198.51.100.1/24", "198.51.100.2/24")
        host.run("ip", "route", "add", "default", "via", "10.1.0.1")
        self.gateway.run("ip", "route", "add", "203.0.113.0/24", "via", "198.51.100.2")
        self.gateway.sysctl("net.ipv4.ip_forward", 1)
        translate(self.gateway, f"oifname out meta l4proto tcp masquerade {ports}")
        for address, _ in self.sites:
            self.world.run("ip", "address", "add", address + "/32", "dev", "lo")
        self.world.spawn("sites", shop, "0.0.0.0", 443).hear()

    def fault(self, host):
        self.build(host, "to " + self.ports)
        self.start(host)

    def start(self, host):
        self.crowd = host.spawn("crowd", crowd, self.sites, 20)
        self.crowd.hear()

    def check(self, report):
        finding = report.the("snat-gateway-suspected", ["warning"])
        lab.says(finding, len(self.sites), len(self.sites))
        lab.says(finding, 10 * len(self.sites))

    def measure(self, host):
        return lab.count(lab.SYN_SENT)

    def cure(self, host, report):
        report.fix("snat-gateway-suspected", "network", "More ports at the gateway")
        self.gateway.run("nft", "flush chain ip nat postrouting")
        self.gateway.run("nft", "add rule ip nat postrouting oifname out meta l4proto tcp masquerade")
        lab.wait_until(lambda: not lab.count(lab.SYN_SENT), "the SYNs that are sent again get through")

    def twin(self, host):
        """As many connections through a gateway that has the ports, and one of the sites is down."""
        self.build(host, "")
        self.world.run("nft", "add table ip dead")
        self.world.run("nft", "add chain ip dead in { type filter hook input priority 0; }")
        self.world.run("nft", "add rule ip dead in ip daddr 203.0.113.6 drop")
        self.start(host)
        assert lab.count(lab.SYN_SENT) == 20, "not one site is down"


def answers(address):
    try:
        abort(socket.create_connection(address, timeout=0.5))
        return True
    except TimeoutError:
        return False


class GatewayLog(lab.Paste, Gateway):
    """All that is seen of it is what curl says: another program has all ports of the gateway."""
    name = "snat_gateway_log"
    proves = {"snat-connect-timeouts-reported": "info"}
    owner = ()
    words = ("a NAT without free ports",)
    measured = "requests that time out, one to each site"
    commands = ("uname -r", "sysctl net.ipv4")

    def fault(self, host):
        super().fault(host)
        # As the report says, ports of a NAT are held for minutes: here for a second.
        for state in ("close", "close_wait", "fin_wait", "last_ack", "time_wait"):
            self.gateway.sysctl(f"net.netfilter.nf_conntrack_tcp_timeout_{state}", 1)
        self.measure(host)

    def log(self):
        return "".join(request.said() for request in self.requests)

    def check(self, report):
        lab.says(report.the("snat-connect-timeouts-reported", ["info"]), len(self.sites))

    def measure(self, host):
        self.requests = [host.start("curl", "-sS", "--connect-timeout", "1", f"http://{address}:{port}/")
                         for address, port in self.sites]
        lab.wait_until(lambda: not any(request.is_running() for request in self.requests), "curl ends")
        return self.log().count("curl: (28)")

    def cure(self, host, report):
        report.fix("snat-connect-timeouts-reported", "application", "Reuse connections to busy destinations")
        self.crowd.end()
        lab.wait_until(lambda: all(map(answers, self.sites)), "its ports at the gateway are free again")
        host.spawn("crowd", crowd, self.sites, 3).hear()

    def twin(self, host):
        super().twin(host)
        assert self.measure(host) == 1, "not one site is down"
