"""What looks like a limit of ports and is none, or next to none: one port with many connections, and a range
whose ends have the same parity."""
import re
import signal
import socket

import lab

# More of them than the clients have ports: those are told apart by address and port, this port is one.
CLIENTS, PORTS = 30, 50
MANY = 1000
HERE = ("10.7.0.1", 443)
RANGE = "net.ipv4.ip_local_port_range"
LINE = "prefer different parity for start/end values"


def server(tell):
    lab.allow_files(4096)
    listener = socket.create_server(HERE, backlog=CLIENTS * PORTS)
    tell("listening")
    kept = []
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        kept.append(connection)


def clients(tell, low, high):
    """All the connections that they have ports for; tells how many were not made."""
    lab.allow_files(4096)
    kept, failed = [], 0
    for i in range(low, high):
        for _ in range(PORTS):
            kept.append(socket.socket())
            kept[-1].setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
            kept[-1].bind((f"10.7.1.{i}", 0))
            try:
                kept[-1].connect(HERE)
            except OSError:
                failed += 1
    tell(failed)
    signal.pause()


class PortMyth(lab.Scenario):
    """A server with more connections than any client has ports."""
    name = "port_myth"
    proves = {"port-65535-myth": "info"}
    # 20000 in earnest.
    options = ("--param", f"many_inbound={MANY}")
    owner = ("10.7.0.1:443",)
    words = ("no port limit is near",)
    harmless = True
    measured = "connections of another client that fail"
    steady = True

    def fault(self, host):
        self.start(host, CLIENTS)

    def start(self, host, count):
        self.outside = host.link("outside", "10.7.0.1/16", "10.7.0.2/16")
        for i in range(CLIENTS + 1):
            self.outside.run("ip", "address", "add", f"10.7.1.{i}/16", "dev", "eth0")
        self.outside.sysctl("net.ipv4.ip_local_port_range", f"40000 {40000 + PORTS - 1}")
        host.spawn("server", server).hear()
        assert self.outside.spawn("clients", clients, 0, count).hear() == 0, "clients without ports"
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == count * PORTS, "all are established")

    def check(self, report):
        lab.says(report.the("port-65535-myth", ["info"], "10.7.0.1:443"), CLIENTS * PORTS)

    def measure(self, host):
        return self.outside.spawn("client", clients, CLIENTS, CLIENTS + 1).hear()

    def twin(self, host):
        """One less than anybody asks about."""
        self.start(host, MANY // PORTS)


class PortParity(lab.Scenario):
    """Both ends are even: the kernel says so in its log, once."""
    name = "port_parity"
    machine = lab.OWN_KERNEL
    proves = {"ephemeral-range-parity": "info", "port-range-parity-logged": "info"}
    remains = {"port-range-parity-logged": "the line stays in the log"}
    words = ("32768-60998 are even",)
    measured = "lines that the kernel logs when the range is written"

    def fault(self, host):
        host.sysctl(RANGE, "32768 60998")

    def measure(self, host):
        """In a namespace to which the kernel has not said it yet."""
        before = host.run("dmesg").count(LINE)
        host.run("unshare", "--net", "sysctl", "-w", f"{RANGE}={host.read_sysctl(RANGE)}")
        return host.run("dmesg").count(LINE) - before

    def cure(self, host, report):
        fix = report.fix("ephemeral-range-parity", "none", RANGE)
        host.sysctl(RANGE, re.search(RANGE + r" = (\d+ \d+)\.", fix["text"]).group(1))
        assert host.read_sysctl(RANGE) == "32768 60997"

    def twin(self, host):
        host.sysctl(RANGE, "10240 65535")
