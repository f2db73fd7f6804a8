"""Devices that lose packets before any socket or route: a tunnel that no program reads from, one without a
route to its end, and a queue that somebody limited."""
import fcntl
import os
import select
import signal
import socket
import struct
import time

import lab

PORT = 7
ASKED = 50
PER_S = 400
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x1, 0x1000  # include/uapi/linux/if_tun.h


def sender(tell, target, size):
    """A steady stream of datagrams."""
    stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stream.connect((target, 9))
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
    stream.setblocking(False)
    tell("sending")
    while True:
        for _ in range(PER_S // 200):
            try:
                stream.send(bytes(size))
            except OSError:
                pass
        time.sleep(0.005)


def echo(tell):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", PORT))
    tell("listening")
    while True:
        data, peer = server.recvfrom(2048)
        server.sendto(data, peer)


def unanswered(target):
    """Of so many datagrams, spread over half a second."""
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((target, PORT))
    answered = 0
    for _ in range(ASKED):
        try:
            client.send(bytes(500))
        except OSError:
            pass
        time.sleep(0.01)
    deadline = time.monotonic() + 0.5
    while answered < ASKED and select.select([client], [], [], max(deadline - time.monotonic(), 0))[0]:
        try:
            client.recv(2048)
            answered += 1
        except OSError:
            pass
    return ASKED - answered


class Interface(lab.Scenario):
    machine = lab.OWN_KERNEL
    sample = "1s"
    measured = f"requests of {ASKED} that get no answer"
    target = ""

    def check(self, report):
        (rule,) = self.proves
        lab.says(report.the(rule, ["warning"]), (PER_S // 10, PER_S * 2))

    def measure(self, host):
        return unanswered(self.target)

    def load(self, host, size=100):
        host.spawn("sender", sender, self.target, size).hear()


def vpn(tell, reads):
    """The daemon behind a tunnel. It answers its peers' echo itself; or it does not read any more."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", b"vpn0", IFF_TUN | IFF_NO_PI))
    tell("attached")
    while reads:
        packet = os.read(tunnel, 2048)
        is_udp = packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_UDP
        if is_udp and packet[22:24] == struct.pack(">H", PORT):
            ports = packet[22:24] + packet[20:22]
            # Swapped ends leave the checksums as they are.
            os.write(tunnel, packet[:12] + packet[16:20] + packet[12:16] + ports + packet[24:])
    signal.pause()


class TunnelUnread(Interface):
    """The daemon of a VPN hangs."""
    name = "tunnel_unread"
    owner = ("vpn0",)
    proves = {"interface-drops": "warning"}
    target = "10.77.0.2"

    def attach(self, host, reads):
        host.run("modprobe", "-d", "/run/kernel", "tun")
        self.daemon = host.spawn("vpn", vpn, reads)
        self.daemon.hear()
        host.run("ip", "address", "replace", "10.77.0.1/24", "dev", "vpn0")
        host.run("ip", "link", "set", "vpn0", "up")

    def fault(self, host):
        self.attach(host, False)
        self.load(host)
        lab.wait_until(lambda: dropped("vpn0") > 0, "the tunnel is full")

    def cure(self, host, report):
        report.fix("interface-drops", "network", "does a program read from it")
        self.daemon.end()
        self.attach(host, True)

    def twin(self, host):
        self.attach(host, True)
        self.load(host)


def dropped(device):
    with open("/proc/net/dev", encoding="ascii") as file:
        return next(int(line.split()[12]) for line in file if line.strip().startswith(device + ":"))


class TunnelWithoutRoute(Interface):
    """The route to the other end of the tunnel is missing."""
    name = "tunnel_without_route"
    owner = ("tun-east",)
    proves = {"interface-errors": "warning"}
    target = "10.8.0.2"
    route = ("10.9.9.0/24", "via", "10.9.8.2")

    def fault(self, host):
        east = host.link("uplink", "10.9.8.1/24", "10.9.8.2/24")
        east.run("ip", "address", "add", "10.9.9.2/32", "dev", "lo")
        for side, local, remote, address in ((host, "10.9.8.1", "10.9.9.2", "10.8.0.1/24"),
                                             (east, "10.9.9.2", "10.9.8.1", "10.8.0.2/24")):
            side.run("ip", "tunnel", "add", "tun-east", "mode", "ipip", "local", local, "remote", remote)
            side.run("ip", "address", "add", address, "dev", "tun-east")
            side.run("ip", "link", "set", "tun-east", "up")
        east.spawn("echo", echo).hear()
        self.load(host)

    def cure(self, host, report):
        report.fix("interface-errors", "network", "route to the other end")
        host.run("ip", "route", "add", *self.route)

    def twin(self, host):
        self.fault(host)
        host.run("ip", "route", "add", *self.route)


def shape(host, how, rate):
    host.run("tc", "qdisc", how, "dev", "uplink", "root", "tbf", "rate", rate, "burst", "10k", "limit", "20k")


class QueueLimited(Interface):
    """A limit that a test left behind."""
    name = "queue_limited"
    owner = ("uplink",)
    proves = {"interface-queue-drops": "warning"}
    target = "10.9.8.2"
    words = ("tbf",)

    def limit(self, host, rate):
        peer = host.link("uplink", "10.9.8.1/24", "10.9.8.2/24")
        peer.spawn("echo", echo).hear()
        shape(host, "add", rate)
        self.load(host, 1000)

    def fault(self, host):
        self.limit(host, "500kbit")

    def cure(self, host, report):
        report.fix("interface-queue-drops", "network", "Raise it, take it away")
        shape(host, "change", "100mbit")

    def twin(self, host):
        """A limit that the traffic does not meet."""
        self.limit(host, "100mbit")
