"""A program that stopped reading while its peers send: the memory that TCP may take for all connections of
the host is used up, and connections are reset. And the limit itself, set in bytes by mistake."""
import contextlib
import os
import signal
import socket
import time

import lab

PORT = 9100
CONNECTIONS = 40
BLOCK = bytes(32 * 1024)
LIMIT = "net.ipv4.tcp_mem"
RULE = "tcp-memory-pressure"
ABORTS = "TcpExt.TCPAbortOnMemory"
IN_BYTES = "100663296 134217728 201326592"
FILLED = 24  # connections that fill 120 MiB, if they may


def consumer(tell, reads):
    """Takes connections; whether it reads them is the fault."""
    lab.allow_files(1024)
    listener = socket.create_server(("127.0.0.1", PORT), backlog=CONNECTIONS)
    tell("listening")
    listener.setblocking(False)
    kept = []
    while True:
        with contextlib.suppress(BlockingIOError):
            kept.append(listener.accept()[0])
        if reads:
            kept = [connection for connection in kept if read_out(connection)]
        time.sleep(0.01)


def read_out(connection):
    """Whether the connection stays."""
    try:
        while connection.recv(1 << 20, socket.MSG_DONTWAIT):
            pass
        return False
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def producers(tell, number):
    """Send some 25 MB/s. When most take no more, a connection is given up and made anew."""
    lab.allow_files(1024)
    connections = []
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            while len(connections) < number:
                connections.append(socket.create_connection(("127.0.0.1", PORT)))
        taken = [connection for connection in connections if send_block(connection)]
        if len(taken) < len(connections) // 2:
            connections.pop(0).close()
        connections = [connection for connection in connections if connection.fileno() >= 0]
        time.sleep(0.05)


def send_block(connection):
    """Whether some of it was taken; a connection that the kernel reset is closed."""
    try:
        return connection.send(BLOCK, socket.MSG_DONTWAIT) > 0
    except BlockingIOError:
        return False
    except ConnectionError:
        connection.close()
        return False


def resets():
    """Connections that the kernel gives up within a second."""
    return lab.growth(ABORTS)


def memory_pages():
    with open("/proc/net/sockstat", encoding="ascii") as file:
        return next(int(line.split()[10]) for line in file if line.startswith("TCP:"))


class TcpMemory(lab.Scenario):
    name = "tcp_memory"
    machine = lab.OWN_KERNEL
    proves = {RULE: "critical", "tcp-memory-logged": "warning", "tcp-abort-on-memory": "warning|critical"}
    remains = {"tcp-memory-logged": "as a note: the line of the log does not go away"}
    sample = "1s"
    owner = {RULE: ("stuck-consumer",), "tcp-memory-logged": ("stuck-consumer",)}
    measured = "connections reset for lack of memory in 1 s"
    # What there is no memory for is dropped on arrival, and sent again.
    beside = {"socket_buffer_limit", "not_kernel_tunable"}

    def fault(self, host):
        self.consumer = host.spawn("stuck-consumer", consumer, False)
        self.consumer.hear()
        host.spawn("producers", producers, CONNECTIONS)
        lab.wait_until(lambda: lab.counter(ABORTS) > 0, "connections are reset for lack of memory")

    def measure(self, host):
        return resets()

    def cure(self, host, report):
        """Twice the memory is soon taken, too."""
        host.apply(report.fix(RULE, "sysctl", LIMIT))
        report.fix(RULE, "application", "stuck-consumer", "read its connections")
        self.consumer.end()
        host.spawn("consumer", consumer, True).hear()

    def twin(self, host):
        """The same senders; their data is read."""
        host.spawn("consumer", consumer, True).hear()
        host.spawn("producers", producers, CONNECTIONS)
        lab.wait_until(lambda: lab.counter("Tcp.OutSegs") > 1000, "data flows")


def full_senders(tell):
    """Each fills its send buffer and the receive buffer of its peer."""
    connections = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(FILLED)]
    while True:
        taken = sum(send_block(connection) for connection in connections)
        if not taken:
            tell("full")
            signal.pause()


def mib_taken(host):
    """By connections to a program that does not read, until both end."""
    reader = host.spawn("stuck-consumer", consumer, False)
    reader.hear()
    sender = host.spawn("senders", full_senders)
    sender.hear()
    taken = memory_pages() * os.sysconf("SC_PAGESIZE") >> 20
    reader.end()
    sender.end()
    lab.wait_until(lambda: memory_pages() < 1000, "the memory comes back")
    return taken


class TcpMemInBytes(lab.Scenario):
    """The limit counts pages; this one was written for bytes, and allows more than there is."""
    name = "tcp_mem_in_bytes"
    machine = lab.OWN_KERNEL
    proves = {"tcp-mem-above-memory": "warning"}
    measured = f"MiB that {FILLED} unread connections take"
    words = (IN_BYTES.split()[2],)

    def fault(self, host):
        self.default = host.read_sysctl(LIMIT)
        host.sysctl(LIMIT, IN_BYTES)

    def check(self, report):
        lab.says(report.the("tcp-mem-above-memory", ["warning"]), int(IN_BYTES.split()[2]))

    def measure(self, host):
        return mib_taken(host)

    def cure(self, host, report):
        host.apply(report.fix("tcp-mem-above-memory", "sysctl", LIMIT))
        given, own = ([int(v) for v in text.split()] for text in (host.read_sysctl(LIMIT), self.default))
        assert all(abs(g - o) <= o // 10 for g, o in zip(given, own)), f"{given} is not the kernel's {own}"

    def twin(self, host):
        """The kernel's own limit."""
