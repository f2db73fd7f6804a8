"""More peers on the attached networks than the neighbour table of the host holds: it overflows, and those
that are not in it get no packet. That of IPv4, that of IPv6, and thresholds that somebody set too low."""
import contextlib
import os
import random
import select
import socket
import time

import lab

PORT = 7
IP_PKTINFO = 8  # include/uapi/linux/in.h; Python names it since 3.14
IPV4, IPV6 = "net.ipv4.neigh.default.gc_thresh", "net.ipv6.neigh.default.gc_thresh"
DEFAULT, MANY = 1024, 1400
FEW, LOW = 200, 100
BURST = 50


def peers4(number):
    return [f"10.5.{128 + i // 250}.{1 + i % 250}" for i in range(number)]


def peers6(number):
    return [f"fd00:5::1:{1 + i:x}" for i in range(number)]


def udp(address):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)


def load_ipv6():
    """A module in this kernel."""
    udp("::").close()


def echo(tell, address):
    """What runs on the peers: it answers from the address that was asked."""
    server = udp(address)
    if ":" in address:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        server.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    server.bind((address, PORT))
    tell("listening")
    while True:
        data, control, _, peer = server.recvmsg(64, 256)
        with contextlib.suppress(OSError):  # who asks is a neighbour, too, in the table of the same kernel
            server.sendmsg([data], control, 0, peer)


def silent(peers, rounds=3):
    """How many of the peers do not answer, asked several times."""
    waiting = dict.fromkeys(peers)
    client = udp(peers[0])
    ready = select.poll()
    ready.register(client, select.POLLIN)

    def hear(milliseconds):
        while ready.poll(milliseconds):
            waiting.pop(client.recvfrom(64)[1][0], None)
    for _ in range(rounds):
        left = list(waiting)
        for first in range(0, len(left), BURST):
            for peer in left[first:first + BURST]:
                with contextlib.suppress(OSError):
                    client.sendto(b"?", (peer, PORT))
            hear(5)
        hear(200)
    return len(waiting)


def monitoring(tell, peers):
    """Asks all its peers again and again, each time in another order."""
    while True:
        tell(silent(peers, 1))
        random.shuffle(peers)
        time.sleep(0.3)


class ArpTable(lab.Scenario):
    name = "arp_table"
    machine = lab.OWN_KERNEL
    proves = {"arp-table-full": "critical"}
    sample = "1s"
    measured = f"peers of {MANY} that do not answer"
    words = (str(DEFAULT), IPV4 + "3")
    setting = IPV4 + "3"
    peers = staticmethod(peers4)
    number = MANY

    def attach(self, host):
        """One network with all the peers, which are one host here."""
        self.outside = host.link("outside", "10.5.0.1/16", "10.5.0.2/16")
        self.outside.run("ip", "route", "add", "local", "10.5.128.0/17", "dev", "lo")
        self.outside.spawn("echo", echo, "0.0.0.0").hear()

    def ask(self, host):
        self.monitoring = host.spawn("monitoring", monitoring, self.peers(self.number))
        self.monitoring.hear()

    def fault(self, host):
        self.attach(host)
        self.ask(host)

    def check(self, report):
        (rule,) = self.proves
        lab.says(report.the(rule, lab.LOUD), (DEFAULT * 9 // 10, DEFAULT * 11 // 10), DEFAULT)

    def measure(self, host):
        return silent(self.peers(self.number))

    def cure(self, host, report):
        (rule,) = self.proves
        host.apply(report.fix(rule, "sysctl", self.setting))

    def twin(self, host):
        """As many peers, behind a router."""
        self.outside = host.link("outside", "10.4.0.1/24", "10.4.0.2/24")
        self.outside.run("ip", "route", "add", "local", "10.5.128.0/17", "dev", "lo")
        host.run("ip", "route", "add", "10.5.128.0/17", "via", "10.4.0.2")
        self.outside.spawn("echo", echo, "0.0.0.0").hear()
        self.ask(host)


class NdiscTable(ArpTable):
    """The same in IPv6, which has a table of its own."""
    name = "ndisc_table"
    proves = {"ndisc-table-full": "critical"}
    setting = IPV6 + "3"
    words = (str(DEFAULT), IPV6 + "3")
    peers = staticmethod(peers6)

    def attach(self, host):
        load_ipv6()
        self.outside = host.link("outside", "fd00:5::1/64", "fd00:5::2/64")
        self.own_addresses()

    def own_addresses(self):
        """Neighbour discovery answers for what is an address of the host, not for a route to itself."""
        with open(os.path.join(self.outside.directory, "addresses"), "w", encoding="ascii") as file:
            file.writelines(f"address add {peer}/128 dev eth0 nodad\n" for peer in self.peers(self.number))
        self.outside.run("ip", "-6", "-batch", file.name)
        self.outside.spawn("echo", echo, "::").hear()

    def twin(self, host):
        """As many peers, behind a router."""
        load_ipv6()
        self.outside = host.link("outside", "fd00:4::1/64", "fd00:4::2/64")
        host.run("ip", "route", "add", "fd00:5::/64", "via", "fd00:4::2")
        self.own_addresses()
        self.ask(host)


class NeighbourLogged(ArpTable):
    """A peak that is over; the log of the kernel tells of it."""
    name = "neighbour_logged"
    proves = {"neighbour-overflow-logged": "critical"}
    remains = {"neighbour-overflow-logged": "as a warning: the peak was today, and may come again"}
    words = ("arp_cache", IPV4 + "3")

    def fault(self, host):
        self.attach(host)
        silent(self.peers(MANY), 1)
        for network in ("10.5.131.0/24", "10.5.132.0/22"):
            host.run("ip", "neigh", "flush", "to", network)

    def check(self, report):
        lab.says(report.the("neighbour-overflow-logged", ["critical"]), DEFAULT)

    def measure(self, host):
        return silent(self.peers(MANY))

    def twin(self, host):
        """The peers that stayed, without the peak."""
        self.attach(host)
        assert silent(self.peers(DEFAULT * 7 // 10)) == 0


class NeighbourThresholds(ArpTable):
    """A hard limit that one small network fills."""
    name = "neighbour_thresholds"
    proves = {"neighbour-thresholds-order": "warning"}
    measured = f"peers of {FEW} that do not answer"
    words = (str(LOW), IPV4 + "3")
    number = FEW

    def fault(self, host):
        for which, value in ((1, 16), (2, 64), (3, LOW)):
            host.sysctl(IPV4 + str(which), value)
        self.attach(host)

    def check(self, report):
        lab.says(report.the("neighbour-thresholds-order", ["warning"]), LOW)

    def twin(self, host):
        """The kernel's thresholds."""
        self.attach(host)
