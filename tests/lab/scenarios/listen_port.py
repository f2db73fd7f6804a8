"""A service whose port lies in the ephemeral range: while it restarts, an outgoing connection takes the port,
and bind() fails until that connection is gone. Reserved ports are the cure."""
import contextlib
import signal
import socket

from binding import start_redis

import lab

# Below the kernel's default range: somebody has widened it and forgotten the services there.
LOW, HIGH = 10000, 10199
PORTS = (10050, 10100, 10151)
HERE = "10.99.0.1"
API = (HERE, 443)
KEPT = 60
RANGE = "net.ipv4.ip_local_port_range"
RESERVED = "net.ipv4.ip_local_reserved_ports"


def api(tell):
    lab.allow_files(4096)
    listener = socket.create_server(API, backlog=512)
    tell("listening")
    kept = []
    while True:
        kept.append(listener.accept()[0])
        kept[-1].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def client(tell):
    """Keeps a pool of connections to the API."""
    kept = [socket.create_connection(API) for _ in range(KEPT)]
    for connection in kept:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("connected")
    signal.pause()


def service(tell, port):
    listener = socket.create_server((HERE, port))
    tell("listening")
    signal.pause()
    listener.close()


def all_the_ports():
    """Opens connections until no port is left."""
    opened = []
    with contextlib.suppress(OSError):
        while True:
            connection = socket.socket()
            opened.append(connection)
            lab.reset_on_close(connection)
            connection.connect(API)
    return opened


def can_bind(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HERE, port))
            return True
        except OSError:
            return False


class ListenPort(lab.Scenario):
    name = "listen_port"
    proves = {"ephemeral-range-overlaps-listeners": "warning"}
    words = tuple(map(str, PORTS))
    measured = f"restarts of {len(PORTS)} that fail while a client opens all the connections it can"
    steady = True

    def fault(self, host):
        host.address(HERE + "/32")
        host.sysctl(RANGE, f"{LOW} {HIGH}")
        host.sysctl(RESERVED, "10000-10009")
        self.start(host)

    def start(self, host):
        host.spawn("api", api).hear()
        self.services = [host.spawn("service", service, port) for port in PORTS]
        for process in self.services:
            process.hear()
        host.spawn("client", client).hear()

    def check(self, report):
        finding = report.the("ephemeral-range-overlaps-listeners", ["warning"])
        lab.says(finding, len(PORTS))
        lab.says(finding, KEPT, HIGH - LOW + 1)

    def measure(self, host):
        for process in self.services:
            process.end()
        opened = all_the_ports()
        failed = sum(not can_bind(port) for port in PORTS)
        for connection in opened:
            connection.close()
        self.services = [host.spawn("service", service, port) for port in PORTS]
        for process in self.services:
            process.hear()
        return failed

    def cure(self, host, report):
        host.apply(report.fix("ephemeral-range-overlaps-listeners", "sysctl", RESERVED))
        assert host.read_sysctl(RESERVED) == "10000-10009,10050,10100,10151"

    def twin(self, host):
        """The same services and connections, the range as the kernel has it."""
        host.address(HERE + "/32")
        self.start(host)


class ListenPortStolen(lab.Paste):
    """It has happened: the services do not start, and their logs say that the address is in use."""
    name = "listen_port_stolen"
    proves = {"listen-port-clash-reported": "warning"}
    owner = ("redis-server",)
    words = (str(PORTS[0]), f"{LOW}-{HIGH}", RESERVED)
    commands = ("uname -r", "sysctl net.ipv4", "ss -tanp")
    measured = "of 3 Redis, those that do not start while a client has all the connections it can have"
    twin_beside = frozenset({"not_kernel_tunable"})
    range = (LOW, HIGH)
    reserved = ()
    ports = PORTS

    def fault(self, host):
        host.address(HERE + "/32")
        host.sysctl(RANGE, "{} {}".format(*self.range))
        if self.reserved:
            host.sysctl(RESERVED, self.reserved[0])
        host.spawn("api", api).hear()
        self.measure(host)

    def log(self):
        return "".join(service.said() for service in self.services)

    def check(self, report):
        for port in self.ports:
            lab.says(report.the("listen-port-clash-reported", ["warning"], port), port, f"{LOW}-{HIGH}")

    def measure(self, host):
        holder = host.spawn("client", greedy_client)
        holder.hear()
        self.services = [start_redis(host, HERE, port) for port in self.ports]
        failed = sum(not service.is_running() for service in self.services)
        holder.end()
        return failed

    def cure(self, host, report):
        for service in self.services:
            service.end()
        self.reserve(host, report)
        assert host.read_sysctl(RESERVED) == ",".join(map(str, self.reserved + self.ports))

    def reserve(self, host, report):
        host.apply(report.fix("listen-port-clash-reported", "sysctl", RESERVED), "shell")

    def twin(self, host):
        """The same words, of a second Redis in the kernel's default range: the first has the port."""
        host.address(HERE + "/32")
        self.services = [start_redis(host, HERE, 41000) for _ in range(2)]
        assert not self.services[1].is_running(), "two Redis on one port"


class ListenPortLog(ListenPortStolen):
    """All that is shown is the log: what is reserved already is not known, and must be kept."""
    name = "listen_port_log"
    words = ("40050", "32768-60999", "ip_local_reserved_ports")
    commands = ()
    range = (40000, 40199)
    reserved = ("10000-10009",)
    ports = (40050, 40100, 40151)

    def check(self, report):
        for port in self.ports:
            lab.says(report.the("listen-port-clash-reported", ["warning"], port), port, "32768-60999")

    def reserve(self, host, report):
        for port in self.ports:
            host.apply(report.fix("listen-port-clash-reported", "limit", f"reserved_ports){port}"))

    def twin(self, host):
        """The same words of a Redis whose port no outgoing connection takes: another Redis has it."""
        host.address(HERE + "/32")
        self.services = [start_redis(host, HERE, 6379) for _ in range(2)]
        assert not self.services[1].is_running(), "two Redis on one port"


def greedy_client(tell):
    kept = all_the_ports()
    tell(len(kept))
    signal.pause()
