"""A firewall that asks for the state of connections, and a table of such states that is too small: new connections
are refused, those that stand go on. How large the table may be is one number for the whole kernel."""
import signal
import socket
import subprocess
import time

import lab

LIMIT = 400
WANTED = 100
HERE = "10.99.0.1"
SERVICE = (HERE, 8080)
TABLE = "/proc/net/stat/nf_conntrack"


def pool(tell, size):
    lab.allow_files(4096)
    kept = [socket.create_connection(SERVICE) for _ in range(size)]
    for connection in kept:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("connected")
    signal.pause()


def newcomers(tell):
    """Go on trying, as users do."""
    while True:
        tell(lab.failed_connects(SERVICE, 5, 0.2))


def tracking():
    """{"drop": 0, ...}: what the table counts, all processors together."""
    with open(TABLE, encoding="ascii") as file:
        names = next(file).split()
        rows = [[int(value, 16) for value in line.split()] for line in file]
    return dict(zip(names, map(sum, zip(*rows))))


class Conntrack(lab.Scenario):
    machine = lab.OWN_KERNEL
    sample = "1s"
    measured = f"failed connects of {WANTED}"
    limit = LIMIT
    held = 0

    def set_up(self, host, limit):
        host.address("10.99.0.1/32")
        host.run("iptables-legacy", "-A", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")
        host.sysctl("net.netfilter.nf_conntrack_max", limit)
        host.spawn("service", lab.server, SERVICE).hear()
        host.spawn("pool", pool, self.held).hear()

    def fault(self, host):
        self.set_up(host, LIMIT)

    def measure(self, host):
        return lab.failed_connects(SERVICE, WANTED)

    def twin(self, host):
        """As many connections in a table of the size that they need."""
        self.set_up(host, self.held * 3)


class ConntrackFull(Conntrack):
    """Connections of a pool fill the table."""
    name = "conntrack_full"
    proves = {"conntrack-full": "critical", "conntrack-stale-entries": "info"}
    held = LIMIT
    words = (f"{LIMIT} of {LIMIT}", "nf_conntrack_max=131072")

    def fault(self, host):
        super().fault(host)
        host.spawn("newcomers", newcomers).hear()

    def check(self, report):
        finding = report.the("conntrack-full", ["critical"])
        lab.says(finding, LIMIT, LIMIT)
        lab.says(finding, (5, 60))

    def cure(self, host, report):
        host.apply(report.fix("conntrack-stale-entries", "sysctl"))
        host.apply(report.fix("conntrack-full", "sysctl", "net.netfilter.nf_conntrack_max"))


class ConntrackFilling(Conntrack):
    """Room is left, and not enough for the next burst."""
    name = "conntrack_filling"
    proves = {"conntrack-filling": "warning"}
    held = LIMIT * 85 // 100

    def check(self, report):
        lab.says(report.the("conntrack-filling", ["warning"]), self.held, LIMIT)

    def cure(self, host, report):
        """The clients that were measured have filled it; their entries would go after 10 s."""
        host.run("conntrack", "--delete", "--proto", "tcp", "--state", "CLOSE")
        host.apply(report.fix("conntrack-filling", "sysctl", "net.netfilter.nf_conntrack_max"))


LOOK_UP = f"require('dgram').createSocket('udp4').send('?', 53, '{HERE}', e => {{ if (e) throw e; process.exit() }})"
REFUSED = f"require('net').connect(9, '{HERE}')"


def node(program):
    """What it says when it fails."""
    try:
        return subprocess.run(["node", "-e", program], capture_output=True, check=False).stderr.decode()
    except FileNotFoundError:
        raise lab.Skip("the package nodejs is not installed")


class SendRefused(lab.Paste, Conntrack):
    """What a program prints whose datagrams do not get out, pasted with the two settings."""
    name = "conntrack_send_eperm"
    proves = {"send-eperm-reported": "warning"}
    held = LIMIT
    beside = {"conntrack_full"}
    twin_beside = {"syn_sent_peer_unreachable", "not_kernel_tunable"}
    measured = "look-ups that fail of 2"
    program = LOOK_UP
    commands = ("sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",)

    def log(self):
        return node(self.program)

    def check(self, report):
        lab.says(report.the("send-eperm-reported", ["warning"]), LIMIT, LIMIT)

    def measure(self, host):
        return sum("EPERM" in node(LOOK_UP) for _ in range(2))

    def cure(self, host, report):
        host.look(report.fix("send-eperm-reported", "network"), "table full")
        host.apply(report.fix("conntrack-full", "sysctl", "net.netfilter.nf_conntrack_max"))

    def twin(self, host):
        """What is refused is a connection, by a port that nobody listens on."""
        self.program = REFUSED
        super().twin(host)


def let_log_go_round(host):
    """Instead of waiting for a day: the kernel's log holds the newest 128 KiB."""
    host.sysctl("kernel.printk_devkmsg", "on\n")
    with open("/dev/kmsg", "w", encoding="ascii") as log:
        for _ in range(1500):
            print("lab: " + "a day goes by " * 10, file=log, flush=True)


def empty_table(host):
    """Instead of waiting for the 120 s that an entry outlives its connection."""
    host.run("conntrack", "--flush")


class ConntrackPast(Conntrack):
    """A peak that is over: what it did stands in the log and in the counters."""
    name = "conntrack_past"
    proves = {"conntrack-full-logged": "critical", "conntrack-refused-since-boot": "info"}
    remains = {"conntrack-refused-since-boot": "as a note: it counts since boot"}
    peak = LIMIT + WANTED
    later = {"conntrack-full-logged": "the lines stand in the log until it has gone round"}
    measured = f"failed connects of a peak of {peak}"

    def fault(self, host):
        lab.allow_files(4096)
        super().fault(host)
        self.measure(host)

    def check(self, report):
        lab.says(report.the("conntrack-refused-since-boot", ["info"]), WANTED)

    def measure(self, host):
        failed = lab.failed_connects(SERVICE, self.peak)
        empty_table(host)
        return failed

    def cure(self, host, report):
        host.apply(report.fix("conntrack-refused-since-boot", "none"))
        host.apply(report.fix("conntrack-full-logged", "sysctl", "net.netfilter.nf_conntrack_max"))
        let_log_go_round(host)

    def twin(self, host):
        """The same peak, for which there was room."""
        lab.allow_files(4096)
        self.set_up(host, 2 * self.peak)
        self.measure(host)


def burst(size):
    """Asks a port that nobody listens on: an entry lives until the refusal comes."""
    made = []
    for _ in range(size):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((HERE, 9))
        made.append(client)
    time.sleep(0.1)
    for client in made:
        client.close()


def health_checks(tell):
    while True:
        burst(ConntrackRefused.burst)
        tell("checked")
        time.sleep(0.7)


class ConntrackRefused(Conntrack):
    """The table is full for moments: health checks that all begin at once."""
    name = "conntrack_refused"
    proves = {"conntrack-refused": "critical"}
    sample = "2s"
    held = LIMIT * 7 // 10
    burst = 300
    measured = f"SYNs refused of a burst of {burst}"
    # The port of the checks refuses, by which the entries end at once.
    beside = twin_beside = {"syn_sent_peer_unreachable"}

    def set_up(self, host, limit):
        super().set_up(host, limit)
        host.run("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "150ms")
        host.spawn("health-checks", health_checks).hear()

    def audit(self, *more, **how):
        """A look that ends in the middle of a burst rightly says that the table is full: once more."""
        for _ in range(5):
            text = super().audit(*more, **how)
            if not lab.Report(text).of("conntrack-full"):
                break
        return text

    def check(self, report):
        lab.says(report.the("conntrack-refused", ["critical"]), (1, 2 * self.burst))

    def measure(self, host):
        before = tracking()["drop"]
        burst(self.burst)
        return tracking()["drop"] - before

    def cure(self, host, report):
        host.apply(report.fix("conntrack-refused", "sysctl", "net.netfilter.nf_conntrack_max"))


def send_flows(first, size):
    """A datagram each from one port to another address: how many could not be sent."""
    refused = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for i in range(first, first + size):
            try:
                sender.sendto(b"?", (f"10.8.{i >> 8 & 0xff}.{i & 0xff}", 5300 + (i >> 16)))
            except PermissionError:
                refused += 1
    return refused


def resolver(tell, first):
    while True:
        send_flows(first, 50)
        first += 50
        tell(first)
        time.sleep(0.1)


class ConntrackBuckets(Conntrack):
    """Somebody raised nf_conntrack_max, and not the buckets: the chains grow until the kernel refuses to make them
    longer."""
    name = "conntrack_buckets"
    proves = {"conntrack-buckets-few": "critical"}
    buckets, limit, flows = 512, 65536, 16000
    measured = "sends refused of 1000"

    def set_up(self, host, limit):
        host.run("iptables-legacy", "-A", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")
        host.run("ip", "link", "add", "outside", "type", "dummy")
        host.run("ip", "link", "set", "outside", "up")
        host.run("ip", "route", "add", "10.8.0.0/16", "via", "10.7.0.1", "dev", "outside", "onlink")
        host.sysctl("net.netfilter.nf_conntrack_max", limit)
        self.sent = 0

    def flood(self, host):
        self.measure(host, self.flows)
        host.spawn("resolver", resolver, 1 << 20).hear()

    def fault(self, host):
        self.set_up(host, self.limit)
        host.sysctl("net.netfilter.nf_conntrack_buckets", self.buckets)
        self.flood(host)

    def check(self, report):
        lab.says(report.the("conntrack-buckets-few", ["critical"]), self.limit // self.buckets)

    def measure(self, host, size=1000):
        self.sent += size
        return send_flows(self.sent - size, size)

    def cure(self, host, report):
        host.apply(report.fix("conntrack-buckets-few", "sysctl", "net.netfilter.nf_conntrack_buckets"))

    def twin(self, host):
        """As many flows, in buckets as many as the entries."""
        self.set_up(host, self.limit)
        host.sysctl("net.netfilter.nf_conntrack_buckets", self.limit)
        self.flood(host)


def ask_for_data(first, size, seconds):
    """Sessions that each announce a data connection, and how many of them are answered."""
    sessions = [socket.create_connection((HERE, 21)) for _ in range(size)]
    answered = 0
    for i, session in enumerate(sessions):
        session.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        session.sendall(b"USER anonymous\r\n")
        session.recv(4096)
        session.sendall(f"PORT 10,99,0,1,{(first + i) >> 8},{(first + i) & 0xff}\r\n".encode())
    deadline = time.monotonic() + seconds
    for session in sessions:
        session.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            answered += bool(session.recv(4096))
        except TimeoutError:
            pass
    return sessions, answered


def ftp_clients(tell, size):
    sessions, _ = ask_for_data(20000, size, 5)
    tell(len(sessions))
    signal.pause()


class ExpectationsFull(Conntrack):
    """FTP through a firewall: each session announces a data connection, and there is no room to expect it."""
    name = "conntrack_expect_full"
    proves = {"conntrack-expect-full-logged": "warning"}
    later = {"conntrack-expect-full-logged": "the lines stand in the log until it has gone round"}
    first = 30000
    sessions, more = 64, 10  # net.netfilter.nf_conntrack_expect_max is 64 in this kernel
    measured = f"PORT commands unanswered of {more}"

    def set_up(self, host, limit):
        host.address(HERE + "/32")
        host.run("iptables-legacy", "-t", "raw", "-A", "OUTPUT", "-p", "tcp", "--dport", "21", "-j", "CT",
                 "--helper", "ftp")
        host.spawn("ftp-server", lab.server, (HERE, 21), "200 Command successful.\r\n").hear()
        host.spawn("ftp-clients", ftp_clients, self.sessions).hear()

    def fault(self, host):
        self.set_up(host, LIMIT)
        self.measure(host)

    def measure(self, host):
        """On ports of its own: the last try of a session that is closed may still be expected."""
        self.first += self.more
        sessions, answered = ask_for_data(self.first, self.more, 2)
        for session in sessions:
            session.close()
        return self.more - answered

    def check(self, report):
        lab.says(report.the("conntrack-expect-full-logged", ["warning"]), self.sessions)

    def cure(self, host, report):
        host.apply(report.fix("conntrack-expect-full-logged", "sysctl", "net.netfilter.nf_conntrack_expect_max"))
        let_log_go_round(host)

    def twin(self, host):
        """Half as many sessions."""
        self.sessions //= 2
        self.fault(host)
