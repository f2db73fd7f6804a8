"""A tunnel on the way with a smaller MTU, between routers whose ICMP messages about it are dropped: small packets pass,
full-size segments vanish."""
import fcntl
import signal
import socket
import struct
import subprocess
import termios
import time

import lab

HERE, FAR = "10.1.0.1", "10.3.0.2"
SINK, SOURCE, HTTPS = (FAR, 9000), (HERE, 8080), (FAR, 8443)
NARROW = 1400
SIZE = 20000
TRANSFERS = 3
ICMP_LOST = "add table inet firewall; add chain inet firewall output { type filter hook output priority 0; }; " \
    "add rule inet firewall output icmp type destination-unreachable drop"


def unacknowledged(connection):
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0\0\0\0"))[0]


def upload(size=SIZE):
    connection = socket.create_connection(SINK)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.sendall(b"x" * size)
    return connection


def uploader(tell):
    """Some that send much, and as many that send little."""
    connections = [socket.create_connection(SINK) for _ in range(TRANSFERS)]
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sendall(b"?")
    connections += [upload() for _ in range(TRANSFERS)]
    tell("sent")
    signal.pause()


def downloaders(tell):
    connections = [socket.create_connection(SOURCE) for _ in range(2 * TRANSFERS)]
    for connection in connections[:TRANSFERS]:
        connection.sendall(b"?")
    tell("asked")
    signal.pause()


def hang():
    """Connections that have sent again three times what is more than a small packet."""
    return sum(int(row[3], 16) == lab.ESTABLISHED and int(row[6], 16) >= 3 and int(row[4].split(":")[0], 16) > NARROW
               for row in lab.rows())


class BlackHole(lab.Scenario):
    """Uploads to a server and downloads of clients hang; the clamp on the routers heals what connects anew."""
    name = "mtu_black_hole"
    proves = {"mtu-black-hole": "warning", "mtu-black-hole-inbound": "warning"}
    owner = {"mtu-black-hole": ("uploader", f"{FAR}:{SINK[1]}"), "mtu-black-hole-inbound": ("web-server", ":8080")}
    words = ("uploader", "web-server")
    sample = "1s"
    measured = f"uploads that arrive of {TRANSFERS}"
    more_is_better = True
    patience_s = 1

    def route(self, host):
        """here - near router - tunnel - far router - far"""
        self.near = host.link("eth0", HERE + "/24", "10.1.0.254/24")
        far_router = self.near.link("wg0", "10.2.0.1/24", "10.2.0.2/24")
        self.far = far_router.link("lan", "10.3.0.254/24", FAR + "/24")
        self.routers = [self.near, far_router]
        for router, tunnel, network, way in ((self.near, "wg0", "10.3.0.0/24", "10.2.0.2"),
                                             (far_router, "eth0", "10.1.0.0/24", "10.2.0.1")):
            router.run("ip", "link", "set", tunnel, "mtu", str(NARROW))
            router.run("ip", "route", "add", network, "via", way)
            router.sysctl("net.ipv4.ip_forward", 1)
        host.run("ip", "route", "add", "10.0.0.0/8", "via", "10.1.0.254")
        self.far.run("ip", "route", "add", "10.0.0.0/8", "via", "10.3.0.254")

    def start(self, host):
        self.programs = [self.far.spawn("sink", lab.server, SINK, "ok"),
                         host.spawn("web-server", lab.server, SOURCE, "x" * SIZE)]
        for server in self.programs:
            server.hear()
        self.programs += [host.spawn("uploader", uploader), self.far.spawn("downloaders", downloaders)]
        for client in self.programs[2:]:
            client.hear()

    def restart(self, host):
        while self.programs:
            self.programs.pop().end()
        self.start(host)

    def lose_icmp(self):
        for router in self.routers:
            router.run("nft", ICMP_LOST)

    def fault(self, host):
        self.route(host)
        self.lose_icmp()
        self.start(host)
        lab.wait_until(lambda: hang() == 2 * TRANSFERS, "the transfers hang")

    def check(self, report):
        for rule, object in (("mtu-black-hole", FAR), ("mtu-black-hole-inbound", SOURCE[1])):
            lab.says(report.the(rule, ["warning"], object), TRANSFERS, 2 * TRANSFERS)

    def measure(self, host):
        uploads = [upload() for _ in range(TRANSFERS)]
        deadline = time.monotonic() + self.patience_s
        while any(map(unacknowledged, uploads)) and time.monotonic() < deadline:
            time.sleep(0.02)
        arrived = sum(unacknowledged(connection) == 0 for connection in uploads)
        for connection in uploads:
            lab.reset_on_close(connection)
            connection.close()
        return arrived

    def cure(self, host, report):
        for router, dialect in zip(self.routers, ("nftables", "iptables")):
            router.apply(report.fix("mtu-black-hole", "network", "Clamp"), dialect)
        self.restart(host)

    def twin(self, host):
        """The same tunnel, and the message about its MTU comes through."""
        self.route(host)
        self.start(host)
        lab.wait_until(lambda: self.measure(host) == TRANSFERS, "uploads arrive")


class Probing(BlackHole):
    """Nobody mends the path: TCP finds the size that passes, also for what hangs. On a host of its own, where the
    tool itself can set it."""
    name = "mtu_probing"
    machine = lab.OWN_KERNEL
    patience_s = 10
    later = dict.fromkeys(BlackHole.proves, "what hangs goes on when its next tries have been lost")

    def lose_icmp(self):
        """This kernel has no nftables."""
        for router in self.routers:
            router.run("iptables-legacy", "-A", "OUTPUT", "-p", "icmp", "--icmp-type", "destination-unreachable",
                       "-j", "DROP")

    def cure(self, host, report):
        for rule in self.proves:
            host.apply(report.fix(rule, "sysctl", "tcp_mtu_probing"))
        lab.wait_until(lambda: not hang(), "what hung goes on")


def steady_uploader(tell):
    while True:
        connection = upload(20 * SIZE)
        while unacknowledged(connection):
            time.sleep(0.005)
        connection.close()
        tell("uploaded")


class ProbesLost(BlackHole):
    """It always probes: each connection loses a large packet before it knows."""
    name = "mtu_probes_lost"
    proves = {"mtu-probes-lost": "info"}
    owner = words = ()
    measured = "probes lost in a second"
    more_is_better = False
    beside = {"not_kernel_tunable"}  # on a busy machine the uploads wait in this host's own queue now and then

    def start(self, host):
        self.far.spawn("sink", lab.server, SINK, "ok").hear()
        host.sysctl("net.ipv4.tcp_mtu_probing", 2)
        self.upload(host)

    def upload(self, host):
        self.program = host.spawn("uploader", steady_uploader)
        self.program.hear()

    def fault(self, host):
        self.route(host)
        self.lose_icmp()
        self.start(host)

    def check(self, report):
        lab.says(report.the("mtu-probes-lost", ["info"]), (0.1, 1000))

    def measure(self, host):
        return lab.growth("TcpExt.TCPMTUPFail")

    def cure(self, host, report):
        for router in self.routers:
            router.apply(report.fix("mtu-probes-lost", "network", "clamp"), "nftables")
        self.program.end()
        host.run("ss", "-K", "dst", FAR)
        self.upload(host)

    def twin(self, host):
        """It probes, and all the path takes what it would send."""
        self.route(host)
        for router, tunnel in zip(self.routers, ("wg0", "eth0")):
            router.run("ip", "link", "set", tunnel, "mtu", "1500")
        self.start(host)


class TlsHangs(lab.Paste, BlackHole):
    """What curl says when the certificates do not come through, beside connections that hang."""
    name = "mtu_tls"
    proves = {"tls-handshake-hangs-reported": "warning"}
    owner = ("curl",)
    beside = {"mtu_black_hole"}
    words = ()
    measured = "HTTPS requests that fail of 2"
    more_is_better = False
    commands = ("ss -tino",)
    twin_beside = {"syn_sent_peer_unreachable"}

    def start(self, host):
        super().start(host)
        names = ",".join(f"DNS:www{i}.example.org" for i in range(120))
        self.far.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-subj", "/CN=www.example.org", "-addext", "subjectAltName=" + names,
                     "-keyout", "/run/lab/key.pem", "-out", "/run/lab/cert.pem")
        self.programs.append(self.far.start(
            "openssl", "s_server", "-accept", str(HTTPS[1]), "-key", "/run/lab/key.pem", "-cert",
            "/run/lab/cert.pem", "-quiet", "-www", port=HTTPS[1]))

    def log(self):
        """The client's complaint; that it does not check the name is not what is asked here."""
        return subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--connect-timeout", "1.5",
                               f"https://{FAR}:{HTTPS[1]}/"], capture_output=True, check=False).stderr.decode()

    def check(self, report):
        lab.says(report.the("tls-handshake-hangs-reported", ["warning"]), 2 * TRANSFERS)

    def measure(self, host):
        return sum(bool(self.log()) for _ in range(2))

    def cure(self, host, report):
        for router in self.routers:
            router.apply(report.fix("tls-handshake-hangs-reported", "network", "Clamp"), "nftables")
        self.restart(host)

    def twin(self, host):
        """It is the connect that times out: a firewall drops it."""
        self.route(host)
        self.start(host)
        self.far.run("nft", "add table inet firewall; add chain inet firewall input { type filter hook input priority 0; }; "
                     f"add rule inet firewall input tcp dport {HTTPS[1]} drop")
