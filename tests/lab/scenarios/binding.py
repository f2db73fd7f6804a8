"""Services that do not get the port they want, each for another reason that the same words hide: another
program listens on it, connections of the last run are in TIME_WAIT, the address is not on this host, nobody
has started them, or they listen on loopback only."""
import socket
import sys

import lab

HERE = "10.99.0.1"
CLIENTS = 10


def refused(address):
    """Of so many clients."""
    count = 0
    for _ in range(CLIENTS):
        try:
            socket.create_connection(address, timeout=5).close()
        except ConnectionRefusedError:
            count += 1
    return count


def start_redis(host, address, port=6379):
    """Returns when it listens or has given up."""
    return started(host.start("redis-server", "--bind", address, "--port", str(port), "--save", "",
                              "--dir", host.directory, "--protected-mode", "no"), "Ready to accept")


def started(program, word):
    """Returns the program when it has said so or has given up."""
    lab.wait_until(lambda: not program.is_running() or word in program.said(),
                   program.name + " starts or ends")
    return program


class AddressInUse(lab.Paste):
    """HAProxy is to listen where a forgotten nginx does."""
    name = "address_in_use"
    proves = {"address-in-use-reported": "warning"}
    owner = ("haproxy", "by nginx")
    words = ("10.99.0.1:8080 is listened on already", "by nginx", "ss -tlnp")
    commands = ("uname -r", "sysctl net.ipv4", "ss -tanp")
    measured = "HAProxy that do not start"
    twin_beside = frozenset({"listen_port_ephemeral_clash"})

    def fault(self, host):
        host.address(HERE + "/32")
        self.nginx, _ = lab.start_nginx(host, 8080, f"server {{ listen {HERE}:8080; return 204; }}")
        self.measure(host)

    def start_haproxy(self, host, port):
        configuration = host.directory + "/haproxy.cfg"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write("defaults\n  mode http\n"
                       "  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\n"
                       f"frontend www\n  bind {HERE}:{port}\n  http-request return status 204\n")
        program = host.start("haproxy", "-db", "-f", configuration)
        lab.wait_until(lambda: not program.is_running() or owns(host, program, port),
                       "HAProxy starts or ends")
        return program

    def log(self):
        return self.haproxy.said()

    def measure(self, host):
        self.haproxy = self.start_haproxy(host, 8080)
        return int(not self.haproxy.is_running())

    def cure(self, host, report):
        host.apply(report.fix("address-in-use-reported", "application", "stop or move one of the two"))
        self.nginx.end()

    def twin(self, host):
        """The same words, where nobody listens: an outgoing connection has the port."""
        host.address(HERE + "/32")
        server = socket.create_server((HERE, 8080))
        client = socket.create_connection((HERE, 8080), source_address=(HERE, 40000))
        self.haproxy = self.start_haproxy(host, 40000)
        assert not self.haproxy.is_running(), "HAProxy took the port of a connection"
        self.kept = (server, client)


def owns(host, program, port):
    return f"pid={program.pid}," in host.run("ss", "-Hltnp", f"sport = :{port}")


class Restart(lab.Paste):
    """A server without SO_REUSEADDR, restarted: what it closed itself is in TIME_WAIT on its port."""
    name = "restart"
    proves = {"listen-reuseaddr": "warning"}
    owner = ("8080",)
    words = ("TIME_WAIT", "SO_REUSEADDR")
    commands = ("uname -r", "sysctl net.ipv4", "ss -tanp")
    measured = "restarts that fail"
    # In the twin, a second instance.
    twin_beside = frozenset({"not_kernel_tunable"})

    reuse = False

    def fault(self, host):
        host.address(HERE + "/32")
        self.measure(host)

    def start(self, host):
        return started(host.start(sys.executable, "-c", SERVER, HERE, str(self.reuse)), "listening")

    def log(self):
        return self.server.said()

    def serve(self):
        for _ in range(CLIENTS):
            with socket.create_connection((HERE, 8080)) as client:
                client.recv(100)
                client.recv(100)  # the end, so that the server has closed first

    def measure(self, host):
        self.server = self.start(host)
        if self.server.is_running():
            self.serve()
            self.server.end()
            self.server = self.start(host)
        failed = not self.server.is_running()
        self.server.end()
        return int(failed)

    def cure(self, host, report):
        report.fix("listen-reuseaddr", "application", "SO_REUSEADDR", "before bind()",
                   "the first time after the 60 s")
        host.run("ss", "-K", "state", "time-wait")  # instead of waiting 60 s
        self.reuse = True

    def twin(self, host):
        """As many in TIME_WAIT and the same words, of a second instance: the first listens."""
        host.address(HERE + "/32")
        self.reuse = True
        assert self.measure(host) == 0, "SO_REUSEADDR does not help"
        first, self.server = self.start(host), self.start(host)
        assert first.is_running() and not self.server.is_running(), "two servers on one port"


SERVER = """
import asyncio, sys
async def serve(reader, writer):
    writer.write(b"hello")
    writer.close()
async def main():
    server = await asyncio.start_server(serve, sys.argv[1], 8080, reuse_address=sys.argv[2] == "True")
    print("listening", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


class AddressMissing(lab.Paste):
    """The service is to listen on an address that has moved to another host."""
    name = "address_missing"
    proves = {"bind-address-missing-reported": "warning"}
    owner = ("redis-server", "10.99.0.77")
    words = ("10.99.0.77:6379", "ip -brief address")
    commands = ("uname -r", "sysctl net.ipv4", "ip -brief address", "ss -tanp")
    measured = f"clients of {CLIENTS} that are refused"
    # In the twin, a client without a port left: the same words, of connect().
    twin_beside = frozenset({"ephemeral_port_exhaustion"})

    def fault(self, host):
        host.address(HERE + "/32")
        self.server = start_redis(host, "10.99.0.77")
        assert not self.server.is_running(), "Redis listens on an address that is not here"

    def log(self):
        return self.server.said()

    def measure(self, host):
        return refused((HERE, 6379))

    def cure(self, host, report):
        host.apply(report.fix("bind-address-missing-reported", "application", "to all of them", "0.0.0.0"))
        self.server = start_redis(host, "0.0.0.0")

    def twin(self, host):
        host.address(HERE + "/32")
        host.sysctl("net.ipv4.ip_local_port_range", "40000 40000")
        self.kept = [start_redis(host, HERE), socket.create_connection((HERE, 6379))]
        self.server = host.start("redis-cli", "-h", HERE, "ping")
        lab.wait_until(lambda: not self.server.is_running(), "redis-cli ends")


class ExpectedPort(lab.Scenario):
    """A service that nobody has started."""
    name = "expected_port"
    proves = {"expected-port-not-listening": "critical"}
    options = ("--param", "expected_port=6379")
    owner = ("port 6379",)
    words = ("Nobody listens on port 6379", "systemctl --failed")
    measured = f"clients of {CLIENTS} that are refused"
    steady = True

    def fault(self, host):
        self.outside = host.link("outside", "10.7.0.1/24", "10.7.0.2/24")

    def measure(self, host):
        return self.outside.inside(refused, ("10.7.0.1", 6379))

    def cure(self, host, report):
        report.fix("expected-port-not-listening", "service", "Start the service", "ss -ltnp")
        start_redis(host, "0.0.0.0")

    def twin(self, host):
        host.link("outside", "10.7.0.1/24", "10.7.0.2/24")
        start_redis(host, "0.0.0.0")


class ExpectedPortInside(ExpectedPort):
    """It runs, but its configuration lets only this host in."""
    name = "expected_port_inside"
    proves = {"expected-port-not-listening": "warning"}
    words = ("Port 6379 listens on loopback only (127.0.0.1:6379)",)

    def fault(self, host):
        super().fault(host)
        self.server = start_redis(host, "127.0.0.1")

    def cure(self, host, report):
        report.fix("expected-port-not-listening", "application", "Bind it to 0.0.0.0")
        self.server.end()
        start_redis(host, "0.0.0.0")
