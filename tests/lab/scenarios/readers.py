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


def ingest(tell, count, buffer):
    """Takes connections and does not look at them; reads all when it is told to (SIGUSR1)."""
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
    tell("accepted")
    while not told:
        signal.pause()
    for connection in connections:
        connection.setblocking(False)
    while True:
        for connection in connections:
            try:
                connection.recv(1 << 20)
            except BlockingIOError:
                pass
        time.sleep(0.05)


def agents(tell, count, size):
    lab.allow_files(4096)
    made = [socket.create_connection(INGEST) for _ in range(count)]
    for connection in made:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sendall(bytes(size))
    tell("sent")
    signal.pause()


def unread():
    """Bytes that wait for the program on this host's port."""
    return sum(int(row[4].split(":")[1], 16) for row in lab.rows() if int(row[3], 16) == lab.ESTABLISHED
               and int(row[1].split(":")[1], 16) == INGEST[1])


class SlowReader(lab.Scenario):
    """A quarter of what TCP of the whole host may take before pressure lies unread in one program."""
    name = "slow_reader"
    machine = lab.OWN_KERNEL
    proves = {"slow-reader": "warning"}
    owner = ("ingest",)
    measured = "bytes unread"
    count, size = 70, 150000

    def fault(self, host):
        self.far = host.link("eth0", HERE + "/24", FAR + "/24")
        self.program = host.spawn("ingest", ingest, self.count, 1 << 20)
        self.program.hear()
        self.far.spawn("agents", agents, self.count, self.size).hear()
        self.program.hear()
        lab.wait_until(lambda: unread() >= self.count * self.size * 0.9, "the data arrives")

    def check(self, report):
        lab.says(report.the("slow-reader", ["warning"], "ingest"), (self.count * self.size * 9 // 10, self.count * self.size))

    def measure(self, host):
        return unread()

    def read(self):
        os.kill(self.program.pid, signal.SIGUSR1)
        lab.wait_until(lambda: unread() < self.size, "it reads")

    def cure(self, host, report):
        fix = report.fix("slow-reader", "application", "read")
        assert INGEST[0] in host.look(fix, "ss ")
        self.read()

    def twin(self, host):
        """The same program reads."""
        self.fault(host)
        self.read()
