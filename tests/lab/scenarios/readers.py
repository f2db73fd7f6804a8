"""Programs that do not read what arrives, on this host and on the other."""
import os
import signal
import socket
import time

import lab

HERE, FAR = "10.1.0.1", "10.1.0.2"
INGEST = (HERE, 9000)


def accept_all(listener, count):
    made = [listener.accept()[0] for _ in range(count)]
    for connection in made:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return made


def read_some(connections, size):
    for connection in connections:
        try:
            connection.recv(size)
        except (BlockingIOError, ConnectionResetError):
            pass


def ingest(tell, count, buffer, bite):
    """Takes connections and reads little of them, `bite` bytes at a time, and all that there is once it is told to
    (SIGUSR1)."""
    told = []
    signal.signal(signal.SIGUSR1, lambda *_: told.append(True))
    lab.allow_files(4096)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    listener.bind(INGEST)
    listener.listen(count)
    tell("listening")
    connections = accept_all(listener, count)
    for connection in connections:
        connection.setblocking(False)
    tell("accepted")
    while not told:
        if bite:
            read_some(connections, bite)
        time.sleep(0.05)
    while True:
        read_some(connections, 1 << 20)
        time.sleep(0.002)


def agents(tell, count, size, again=False):
    """Send so much on each connection; again: whenever there is room."""
    lab.allow_files(4096)
    made = [socket.create_connection(INGEST) for _ in range(count)]
    for connection in made:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setblocking(False)
    left = [size] * count
    tell("connected")
    while any(left):
        for i, connection in enumerate(made):
            try:
                left[i] -= 0 if not left[i] else connection.send(bytes(min(left[i], 1 << 16)))
            except BlockingIOError:
                pass
            left[i] = left[i] or size * again
        time.sleep(0.005)
    signal.pause()


def unread():
    """Bytes that wait for the program on this host's port."""
    return sum(int(row[4].split(":")[1], 16) for row in lab.rows() if int(row[3], 16) == lab.ESTABLISHED
               and int(row[1].split(":")[1], 16) == INGEST[1])


def pages():
    """What TCP of the whole kernel has taken."""
    with open("/proc/net/sockstat", encoding="ascii") as file:
        return next(int(line.split()[-1]) for line in file if line.startswith("TCP:"))


class Ingest(lab.Scenario):
    """An agent sends more than the program here reads."""
    owner = ("ingest",)
    measured = "bytes unread"
    count, size, buffer, bite, again = 70, 150000, 1 << 20, 0, False

    def begin(self, host):
        self.far = host.link("eth0", HERE + "/24", FAR + "/24")
        self.program = host.spawn("ingest", ingest, self.count, self.buffer, self.bite)
        self.program.hear()
        self.far.spawn("agents", agents, self.count, self.size, self.again).hear()
        self.program.hear()

    def measure(self, host):
        return unread()

    def read(self):
        os.kill(self.program.pid, signal.SIGUSR1)

    def cure(self, host, report):
        for rule in self.proves:
            report.fix(rule, "application", "read")
        self.read()
        lab.wait_until(lambda: unread() < self.size, "it reads")

    def twin(self, host):
        """The same program reads."""
        self.begin(host)
        self.read()
        lab.wait_until(lambda: unread() < self.size, "it reads")


class SlowReader(Ingest):
    """A quarter of what TCP of the whole host may take before pressure lies unread in one program."""
    name = "slow_reader"
    machine = lab.OWN_KERNEL
    proves = {"slow-reader": "warning"}

    def fault(self, host):
        self.begin(host)
        lab.wait_until(lambda: unread() >= self.count * self.size * 0.9, "the data arrives")

    def check(self, report):
        total = self.count * self.size
        lab.says(report.the("slow-reader", ["warning"], "ingest"), (total * 0.9, total))

    def cure(self, host, report):
        assert INGEST[0] in host.look(report.fix("slow-reader", "application", "read"), "ss ")
        super().cure(host, report)


class MemoryFull(Ingest):
    """All that TCP may take lies unread: what still comes is thrown away."""
    name = "receive_queue_drops"
    machine = lab.OWN_KERNEL
    proves = {"slow-reader": "critical", "receive-queue-drops": "warning"}
    beside = {"tcp_mem_pressure"}
    sample = "1s"
    count, size = 60, 100000
    pressure, limit = 800, 1200

    def begin(self, host):
        # 4.7 MiB instead of 45: so few connections are enough.
        host.sysctl("net.ipv4.tcp_mem", f"600 {self.pressure} {self.limit}")
        super().begin(host)

    def fault(self, host):
        self.begin(host)
        lab.wait_until(lambda: lab.counter("TcpExt.TCPRcvQDrop") > 10, "data is thrown away")

    def check(self, report):
        lab.says(report.the("receive-queue-drops", ["warning"]), (1, 100000))

    def cure(self, host, report):
        super().cure(host, report)
        self.far.run("ss", "-K", "dst", HERE)  # instead of waiting for their timers, which have backed off
        lab.wait_until(lambda: pages() < self.pressure, "the rest goes")

    def twin(self, host):
        """The same agents, a program that reads, and the memory that the kernel would have chosen."""
        Ingest.begin(self, host)
        self.read()


class WindowClosed(Ingest):
    """It reads, more slowly than the agents send."""
    name = "window_closed"
    proves = {"window-closed-here": "info"}
    sample = "1s"
    measured = "windows closed in a second"
    count, buffer, bite, again = 20, 32768, 30000, True

    def fault(self, host):
        self.begin(host)
        lab.wait_until(lambda: lab.counter("TcpExt.TCPToZeroWindowAdv") > self.count, "windows close")

    def check(self, report):
        lab.says(report.the("window-closed-here", ["info"]), (10, 10000))

    def measure(self, host):
        return lab.growth("TcpExt.TCPToZeroWindowAdv")


PROBE_TIMER = 4  # net/ipv4/tcp_ipv4.c: get_tcp4_sock()


def stalled():
    """Connections that wait for the peer's window to open."""
    return sum(int(row[5].split(":")[0], 16) == PROBE_TIMER for row in lab.rows())


def publisher(tell, count, patience_ms):
    """Writes to whoever connects, what fits; with a patience, gives up on who does not read."""
    lab.allow_files(4096)
    listener = socket.create_server(INGEST, backlog=count)
    tell("listening")
    connections = accept_all(listener, count)
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)
        connection.setblocking(False)
    tell("accepted")
    while True:
        for connection in list(connections):
            try:
                connection.send(bytes(16384))
            except BlockingIOError:
                pass
            except OSError:
                connections.remove(connection)
                connection.close()
        time.sleep(0.1)


def dashboards(tell, count, read):
    lab.allow_files(4096)
    made = []
    for _ in range(count):
        connection = socket.socket()
        if not read:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.connect(INGEST)
        connection.setblocking(False)
        made.append(connection)
    tell("connected")
    while True:
        if read:
            read_some(made, 1 << 20)
        time.sleep(0.02)


class PeersDoNotRead(lab.Scenario):
    """Dashboards over there are stuck; a program here goes on writing to them."""
    name = "peers_do_not_read"
    proves = {"peers-do-not-read": "warning"}
    owner = ("publisher",)
    measured = "connections that wait for a window"
    count = 110

    def publish(self, host, patience_ms, read):
        self.program = host.spawn("publisher", publisher, self.count, patience_ms)
        self.program.hear()
        self.far.spawn("dashboards", dashboards, self.count, read).hear()
        self.program.hear()

    def fault(self, host):
        self.far = host.link("eth0", HERE + "/24", FAR + "/24")
        self.publish(host, 0, False)
        lab.wait_until(lambda: stalled() == self.count, "all wait for a window")

    def check(self, report):
        lab.says(report.the("peers-do-not-read", ["warning"]), self.count, self.count)

    def measure(self, host):
        return stalled()

    def cure(self, host, report):
        fix = report.fix("peers-do-not-read", "network")
        assert f"{self.count} {FAR}" in " ".join(host.look(fix, "persist").split()), "who does not read is not named"
        report.fix("peers-do-not-read", "application", "TCP_USER_TIMEOUT")
        self.program.end()
        host.run("ss", "-K", "dst", FAR)
        self.publish(host, 500, False)
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == 0, "it gives up on them")

    def twin(self, host):
        """As many that read."""
        self.far = host.link("eth0", HERE + "/24", FAR + "/24")
        self.publish(host, 0, True)
