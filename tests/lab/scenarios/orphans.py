"""Connections that their program has closed and whose peers do not take the rest: orphans, at the limit that
an old tuning list set. Beyond it the kernel resets what is closed, and clients lose the end of their answers.
Two kinds of peers, two cures: slow readers need the room, peers that vanished are to be given up sooner."""
import contextlib
import select
import signal
import socket
import time

import lab

HERE, PORT = "10.7.0.1", 8080
LOWERED = 256
CROWD = 300
ANSWER = bytes(24 * 1024)
WINDOW = 2048
ASKED = 20
LIMIT = "net.ipv4.tcp_max_orphans"


def download_server(tell):
    """Hands the answer to the kernel and closes, as HTTP/1.0 did."""
    listener = socket.create_server((HERE, PORT), backlog=CROWD)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * len(ANSWER))
            connection.recv(1)
            connection.sendall(ANSWER)


def ask():
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
    client.connect((HERE, PORT))
    client.sendall(b"g")
    return client


def slow_clients(tell, number):
    """They take their time. One whose answer is cut off asks again."""
    waiting = select.poll()
    clients = {}
    while True:
        missing = number - len(clients)
        for _ in range(missing):
            client = ask()
            clients[client.fileno()] = client
            waiting.register(client, select.POLLERR)
        for descriptor, _ in waiting.poll(20):
            waiting.unregister(descriptor)
            clients.pop(descriptor).close()
        tell(len(clients))
        time.sleep(0.05)


def patient_clients(tell, number):
    """They read nothing for now, and are gone with their host."""
    clients = [ask() for _ in range(number)]
    tell(len(clients))
    signal.pause()
    return clients


def reading_clients(tell, number):
    clients = [ask() for _ in range(number)]
    for client in clients:
        while client.recv(65536):
            pass
    tell(number)
    signal.pause()


def orphans():
    with open("/proc/net/sockstat", encoding="ascii") as file:
        return next(int(line.split()[4]) for line in file if line.startswith("TCP:"))


def cut_answers(number):
    """Answers of so many that clients don't get whole, though they read them to the end."""
    clients = [ask() for _ in range(number)]
    time.sleep(1)  # the server has closed, the answers wait for the clients
    cut = 0
    for client in clients:
        client.settimeout(5)
        got = 0
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                got += len(data)
        cut += got < len(ANSWER)
    return cut


class Orphans(lab.Scenario):
    """More slow readers than the limit allows."""
    name = "orphans"
    machine = lab.OWN_KERNEL
    proves = {"orphans-near-max": "critical", "orphans-logged": "warning",
              "tcp-abort-on-memory": "warning|critical"}
    remains = {"orphans-logged": "as a note: the line of the log does not go away"}
    sample = "1s"
    measured = f"answers cut off of {ASKED}"
    words = (str(LOWERED), LIMIT)
    beside = twin_beside = {"fin_wait1_pileup"}  # they do wait, harmless as it may be

    def crowd(self, host):
        host.address(HERE + "/32")
        host.spawn("download-server", download_server).hear()
        self.clients = host.spawn("slow-clients", slow_clients, CROWD)
        self.clients.hear()

    def fault(self, host):
        host.sysctl(LIMIT, LOWERED)
        self.crowd(host)
        lab.wait_until(lambda: lab.counter("TcpExt.TCPAbortOnMemory") > 0, "closed connections are reset")

    def check(self, report):
        lab.says(report.the("orphans-near-max", ["critical"]), (LOWERED * 2 // 3, CROWD), LOWERED)

    def measure(self, host):
        return cut_answers(ASKED)

    def cure(self, host, report):
        host.apply(report.fix("orphans-near-max", "sysctl", LIMIT))
        lab.wait_until(lambda: orphans() == CROWD, "all answers wait")

    def twin(self, host):
        """As many slow readers under the kernel's own limit."""
        self.crowd(host)
        lab.wait_until(lambda: orphans() == CROWD, "all answers wait")


class OrphansVanished(Orphans):
    """Peers that are gone without a word, as mobile clients are. Giving up sooner cures it."""
    name = "orphans_vanished"
    # Resets at the peers' time-outs bring the number down, and others come.
    proves = {"orphans-near-max": "critical|warning", "orphans-logged": "warning"}
    beside = {"fin_wait1_pileup", "tcp_mem_pressure"}
    words = (LIMIT,)
    measured = "orphans"

    def fault(self, host):
        host.sysctl(LIMIT, LOWERED)
        outside = host.link("outside", HERE + "/24", "10.7.0.2/24")
        host.spawn("download-server", download_server).hear()
        outside.spawn("mobile-clients", patient_clients, CROWD).hear()
        lab.wait_until(lambda: orphans() >= LOWERED * 9 // 10, "the answers wait")
        outside.run("ip", "link", "set", "eth0", "arp", "off")
        outside.run("ip", "neigh", "flush", "dev", "eth0")
        host.run("ip", "neigh", "replace", "10.7.0.2", "lladdr", "02:00:00:00:00:01", "dev", "outside",
                 "nud", "permanent")

    def check(self, report):
        lab.says(report.the("orphans-near-max", lab.LOUD), (LOWERED // 4, CROWD), LOWERED)

    def measure(self, host):
        return orphans()

    def cure(self, host, report):
        host.apply(report.fix("orphans-logged", "sysctl", "net.ipv4.tcp_orphan_retries"))
        # Each at its next retransmission, which is the later the longer it has waited.
        lab.wait_until(lambda: orphans() < LOWERED // 10, "the peers are given up", 60)

    def twin(self, host):
        """As many mobile clients that stay and have read their answers."""
        outside = host.link("outside", HERE + "/24", "10.7.0.2/24")
        host.sysctl(LIMIT, LOWERED)
        host.spawn("download-server", download_server).hear()
        outside.spawn("mobile-clients", reading_clients, CROWD).hear()


class OrphansLowered(Orphans):
    """The limit of an old tuning list, before the crowd comes."""
    name = "orphans_lowered"
    proves = {"max-orphans-lowered": "info"}
    remains = {}
    sample = "300ms"
    measured = f"answers cut off of {CROWD}"
    words = (str(LOWERED),)

    def fault(self, host):
        host.sysctl(LIMIT, LOWERED)
        host.address(HERE + "/32")
        host.spawn("download-server", download_server).hear()

    def check(self, report):
        lab.says(report.the("max-orphans-lowered", ["info"]), LOWERED)

    def measure(self, host):
        return cut_answers(CROWD)

    def cure(self, host, report):
        host.apply(report.fix("max-orphans-lowered", "sysctl", LIMIT))

    def twin(self, host):
        """The kernel's own limit."""
        host.address(HERE + "/32")
        host.spawn("download-server", download_server).hear()
