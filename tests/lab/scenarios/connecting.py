"""Connects that come to nothing: a black hole does not answer, and a refusing peer answers with a reset."""
import signal
import socket
import time

import lab

HERE, THERE, PORT = "10.8.0.1", "10.8.0.2", 5432
MANY = [f"10.8.9.{i}" for i in range(1, 61)]
POOL = 60
PROBES = 5
PER_SECOND = 40
WALL = ("add table ip wall; add chain ip wall in { type filter hook input priority 0; };"
        "add rule ip wall in tcp flags syn drop")
NO_WALL = "delete table ip wall"


def server(tell, address):
    """Keeps who connects, until they leave."""
    listener = socket.create_server(address, backlog=256)
    tell("listening")
    kept = []
    while True:
        kept.append(listener.accept()[0])


def pool_client(tell, targets):
    """Opens all at once, and waits."""
    lab.allow_files(4096)
    opened = []
    for target in targets:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setblocking(False)
        connection.connect_ex(tuple(target))
        opened.append(connection)
    tell("connecting")
    signal.pause()


def short_client(tell, target):
    """One connect after another, whatever becomes of it."""
    tell("connecting")
    while True:
        lab.failed_connects(tuple(target), 1)
        time.sleep(1 / PER_SECOND)


class Connecting(lab.Scenario):
    """This host is the client; the server is over there."""
    sample = "1s"
    beside = {"syn_sent_peer_unreachable"}
    targets = [(THERE, PORT)]

    def prepare(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/16")
        self.outside.run("ip", "route", "add", "local", "10.8.9.0/24", "dev", "lo")
        host.run("ip", "route", "add", "10.8.9.0/24", "via", THERE)

    def serve(self):
        self.outside.spawn("database", server, ("0.0.0.0", PORT)).hear()

    def measure(self, host):
        return sum(lab.failed_connects(target, PROBES) for target in self.targets[:2])


class BlackHole(Connecting):
    """A firewall over there drops the SYNs of a whole pool."""
    name = "black_hole"
    proves = {"syn-sent-pile": "critical"}
    owner = (f"{THERE}:{PORT}", "app-pool")
    measured = f"failed connects of {PROBES}"
    targets = [(THERE, PORT)]
    pool = targets * POOL

    def fault(self, host):
        self.prepare(host)
        self.serve()
        self.outside.run("nft", WALL)
        host.spawn("app-pool", pool_client, self.pool).hear()

    def check(self, report):
        lab.says(report.the("syn-sent-pile", ["critical"], f"{THERE}:{PORT}"), POOL, POOL)

    def cure(self, host, report):
        seen = host.look(report.fix("syn-sent-pile", "network", "firewall or security group on both sides"))
        assert f"{THERE} dev outside" in seen, seen
        assert "Flags [S]" in seen and "Flags [S.]" not in seen, seen  # they leave, and nothing comes back
        self.open_wall()

    def open_wall(self):
        self.outside.run("nft", NO_WALL)
        lab.wait_until(lambda: not lab.count(lab.SYN_SENT), "the pool's next SYNs come through")

    def twin(self, host):
        """As large a pool, with a server that answers."""
        self.prepare(host)
        self.serve()
        host.spawn("app-pool", pool_client, self.pool).hear()
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == POOL, "the pool is connected")


class Scattered(BlackHole):
    """The same wall, before sixty hosts of which each gets one connect."""
    name = "black_hole_scattered"
    proves = {"syn-sent-scattered": "warning"}
    owner = ("app-pool",)
    targets = pool = [(address, PORT) for address in MANY]
    measured = f"failed connects of {2 * PROBES}"

    def check(self, report):
        lab.says(report.the("syn-sent-scattered", ["warning"]), len(MANY))

    def cure(self, host, report):
        seen = host.look(report.fix("syn-sent-scattered", "network", "See who asks"))
        assert f"{len(MANY)} " in seen and "app-pool" in seen, seen
        self.open_wall()


class Refused(Connecting):
    """Nobody listens over there: each connect is answered with a reset, and tried again."""
    name = "refusing_peer"
    proves = {"connect-failures": "warning"}
    measured = f"failed connects of {PROBES}"

    def fault(self, host):
        self.prepare(host)
        host.spawn("retrying-client", short_client, (THERE, PORT)).hear()

    def check(self, report):
        finding = report.the("connect-failures", ["warning"])
        assert "refused, not unanswered" in finding["title"], finding["title"]
        lab.says(finding, (PER_SECOND / 2, PER_SECOND))

    def cure(self, host, report):
        seen = host.look(report.fix("connect-failures", "network", "ask there whether the service runs"))
        assert f"{THERE}.{PORT} > {HERE}" in seen, seen
        self.serve()

    def twin(self, host):
        """As many connects, to a server that is there."""
        self.prepare(host)
        self.serve()
        host.spawn("client", short_client, (THERE, PORT)).hear()


class RefusedHere(Connecting):
    """The server that is down is here; clients elsewhere go on asking for it."""
    name = "refused_here"
    proves = {"connects-refused-here": "info"}
    measured = f"failed connects of {PROBES}"

    def fault(self, host):
        self.prepare(host)
        self.outside.spawn("client", short_client, (HERE, PORT)).hear()

    def check(self, report):
        lab.says(report.the("connects-refused-here", ["info"]), (PER_SECOND / 2, PER_SECOND))

    def measure(self, host):
        return self.outside.inside(lab.failed_connects, (HERE, PORT), PROBES)

    def cure(self, host, report):
        seen = host.look(report.fix("connects-refused-here", "network", "See which port"))
        assert f"{HERE}.{PORT} > {THERE}" in seen, seen
        report.fix("connects-refused-here", "service", "Start the service that ought to listen there")
        host.spawn("database", server, (HERE, PORT)).hear()

    def twin(self, host):
        """As many clients of a server that is there."""
        self.prepare(host)
        host.spawn("database", server, (HERE, PORT)).hear()
        self.outside.spawn("client", short_client, (HERE, PORT)).hear()
