"""CLOSE_WAIT that stays, in each of its kinds: the end of the stream is read and close() forgotten; the reader is
blocked; the connections of a client's pool, which the server has closed; descriptors that other processes have
too; a few in each of many workers. The cure is always a changed program: no setting ends CLOSE_WAIT."""
import contextlib
import os
import queue
import resource
import select
import signal
import socket
import threading
import time

import lab
from lab.process import libc_call
from lab.wire import silent

LEAKED = 300
SERVER = ("127.0.0.1", 8080)
PLENTY = 20000  # descriptors: the limit plays no part
STANDS_S = 5.5  # what is younger than 5 s may be a burst
LATE_S = 4
PR_SET_PDEATHSIG = 1


def leaky_server(tell):
    lab.allow_files(1024)
    listener = socket.create_server(SERVER, backlog=64)
    tell("listening")
    leaked = []
    while len(leaked) < LEAKED:
        connection, _ = listener.accept()
        while connection.recv(4096):
            pass
        leaked.append(connection)
    tell("leaking")
    while True:
        leaked.append(listener.accept()[0])


def closing_server(tell):
    lab.allow_files(1024)
    listener = socket.create_server(SERVER, backlog=64)
    tell("listening")
    for _ in range(LEAKED):
        with listener.accept()[0] as connection:
            while connection.recv(4096):
                pass
    tell("served")
    signal.pause()


def late_server(tell):
    """Comes round to its connections only every few seconds."""
    lab.allow_files(PLENTY, PLENTY)
    listener = socket.create_server(SERVER, backlog=64)
    tell("listening")
    while True:
        waiting = [listener.accept()[0] for _ in range(LEAKED)]
        tell("late")
        time.sleep(LATE_S)
        close_all(waiting)


def clients(tell):
    for _ in range(LEAKED):
        with socket.create_connection(SERVER) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    tell("closed")


def clients_of_one_mind(tell):
    lab.allow_files(PLENTY, PLENTY)
    connections = [socket.create_connection(SERVER) for _ in range(LEAKED)]
    close_all(connections)
    tell("closed")
    signal.pause()


def let_remains_expire(host):
    """The clients live in the same namespace. Their own remains (FIN_WAIT_2 without a process) would be a
    second finding, and a true one. The CLOSE_WAIT that are left: a few may be reset, for a FIN_WAIT_2 whose
    acknowledgement came while close() had the socket ends so (tcp_keepalive_timer())."""
    lab.wait_until(lambda: not lab.count(lab.FIN_WAIT1, lab.FIN_WAIT2), "the FIN_WAIT_2 of the others expire")
    host.sysctl("net.ipv4.tcp_fin_timeout", 60)
    left = lab.count(lab.CLOSE_WAIT)
    assert left >= LEAKED * 9 // 10, f"only {left} of {LEAKED} CLOSE_WAIT stand"
    return left


def close_all(connections):
    while connections:
        connections.pop().close()


class CloseWaitLeak(lab.Scenario):
    """The end is read, and close() forgotten."""
    name = "close_wait_leak"
    # 300 of 1024 descriptors is a leak that already weighs on the limit.
    proves = {"close-wait-leak": "warning", "close-wait-fd-pressure": "warning"}
    owner = ("leaky-server",)
    beside = {"close_wait_leak", "fd_limit_process"}
    words = ("leaky-server",)
    measured = "connections of clients that have left"

    def fault(self, host):
        host.sysctl("net.ipv4.tcp_fin_timeout", 1)
        self.server = host.spawn("leaky-server", leaky_server)
        self.server.hear()
        host.spawn("clients", clients).hear()
        self.server.hear()
        self.leaked = let_remains_expire(host)

    def check(self, report):
        finding = report.the("close-wait-leak", lab.LOUD, "leaky-server", self.server.pid)
        assert finding["class"] == "close_wait_leak", finding["class"]
        assert finding["scope"]["kind"] == "process", finding["scope"]
        lab.says(finding, self.leaked)
        cures = [fix for fix in finding["fixes"] if fix["kind"] == "sysctl"]
        assert not cures, f"no sysctl cures a leak: {cures}"

    def measure(self, host):
        return lab.count(lab.CLOSE_WAIT)

    def cure(self, host, report):
        _, hard = resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE)
        host.apply(report.fix("close-wait-fd-pressure", "limit", "prlimit"))
        assert resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE) == (hard, hard), "no time was bought"
        host.look(report.fix("close-wait-leak", "service", "save the evidence"))
        shown = host.look(report.fix("close-wait-leak", "application", "Close the socket where"))
        assert shown.count("leaky-server") == self.leaked, shown
        self.server.end()
        server = host.spawn("fixed-server", closing_server)
        server.hear()
        host.spawn("clients", clients).hear()
        server.hear()

    def twin(self, host):
        """As many at one instant, of a server that closes them a little late."""
        server = host.spawn("late-server", late_server)
        server.hear()
        host.spawn("clients", clients_of_one_mind).hear()
        server.hear()
        assert lab.count(lab.CLOSE_WAIT) == LEAKED


# ---- the reader is blocked ----

DATABASE = ("127.0.0.1", 5432)
QUEUED, ASKED, PATIENCE_S = 120, 20, 1


def silent_database(tell):
    listener = socket.create_server(DATABASE)
    tell("listening")
    signal.pause()
    listener.close()


def web_server(tell, time_out):
    """Accepts at once; one thread does the work, and each request asks the database, which does not answer."""
    lab.allow_files(1024)
    listener = socket.create_server(SERVER, backlog=256)
    accepted = queue.Queue()
    threading.Thread(target=work, args=(accepted, time_out), daemon=True).start()
    tell("listening")
    while True:
        accepted.put(listener.accept()[0])


def work(accepted, time_out):
    database = socket.create_connection(DATABASE)
    database.settimeout(time_out)
    while True:
        with accepted.get() as connection, contextlib.suppress(OSError):
            with contextlib.suppress(TimeoutError):
                database.recv(1)
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 503 Service Unavailable\r\n\r\n")


def ask(count):
    asked = [socket.create_connection(SERVER) for _ in range(count)]
    for connection in asked:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return asked


def asking_clients(tell, patient):
    asked = ask(QUEUED)
    if not patient:
        close_all(asked)
    tell("asked")
    signal.pause()


def unanswered():
    asked = ask(ASKED)
    waiting = silent(asked, PATIENCE_S)
    close_all(asked)
    return waiting


class BlockedReader(lab.Scenario):
    """The thread that should read waits for a database, for ever."""
    name = "close_wait_blocked_reader"
    proves = {"close-wait-leak": "warning"}
    owner = ("web-server",)
    words = ("web-server", str(QUEUED), "reader is blocked")
    measured = f"requests without an answer, of {ASKED}"

    def fault(self, host):
        host.spawn("database", silent_database).hear()
        self.server = host.spawn("web-server", web_server, None)
        self.server.hear()
        host.spawn("clients", asking_clients, False).hear()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == QUEUED, "all clients have left")

    def check(self, report):
        lab.says(report.the("close-wait-leak", ["warning"], self.server.pid), QUEUED)

    def measure(self, host):
        return unanswered()

    def cure(self, host, report):
        fix = report.fix("close-wait-leak", "application", "keeps web-server from reading", "time-out")
        assert "web-server" in host.look(fix, "ss -tanpo"), "ss shows another owner"
        self.server.end()
        host.spawn("web-server", web_server, 0.01).hear()

    def twin(self, host):
        """The same server; the clients wait."""
        host.spawn("database", silent_database).hear()
        host.spawn("web-server", web_server, None).hear()
        host.spawn("clients", asking_clients, True).hear()


# ---- a client's pool ----

BACKEND = ("10.99.0.1", 5432)
IDLE_S = 0.3


def backend(tell, idle_s):
    """Closes what its clients close, and, unless idle_s is None, what has been idle for so long."""
    lab.allow_files(1024)
    listener = socket.create_server(BACKEND, backlog=LEAKED)
    tell("listening")
    accepted = [listener.accept()[0] for _ in range(LEAKED)]
    for connection in accepted:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    tell("accepted")
    while accepted:
        for connection in select.select(accepted, [], [], idle_s)[0] or list(accepted):
            accepted.remove(connection)
            connection.close()
    tell("closed")
    signal.pause()


def pool(tell, evicts):
    """Keeps its connections, whatever becomes of them; or closes those that lie idle before the server does."""
    lab.allow_files(1024)
    kept = [socket.create_connection(BACKEND) for _ in range(LEAKED)]
    if evicts:
        close_all(kept)
    tell(len(kept))
    signal.pause()


class ClientPoolLeak(lab.Scenario):
    name = "client_pool_leak"
    proves = {"close-wait-client-pool": "warning", "close-wait-fd-pressure": "warning"}
    owner = {"close-wait-client-pool": ("pool", "10.99.0.1:5432"), "close-wait-fd-pressure": ("pool",)}
    beside = {"close_wait_leak", "fd_limit_process"}
    words = ("pool", "10.99.0.1:5432")
    measured = "connections of the pool that fail when they are used"

    def _use(self, host, idle_s, evicts):
        self.backend = host.spawn("backend", backend, idle_s)
        self.backend.hear()
        self.client = host.spawn("pool", pool, evicts)
        self.client.hear()
        self.backend.hear()

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.tcp_fin_timeout", 1)
        self._use(host, IDLE_S, False)
        self.backend.hear()
        self.leaked = let_remains_expire(host)

    def check(self, report):
        finding = report.the("close-wait-client-pool", lab.LOUD, "pool", self.client.pid)
        assert finding["class"] == "close_wait_leak", finding["class"]
        lab.says(finding, self.leaked)

    def measure(self, host):
        return lab.count(lab.CLOSE_WAIT)

    def cure(self, host, report):
        fix = report.fix("close-wait-client-pool", "application", "Evict idle connections")
        assert host.look(fix).count("10.99.0.1:5432") == self.leaked, "ss shows others"
        self.client.end()
        self.backend.end()
        self._use(host, IDLE_S, True)
        self.backend.hear()

    def twin(self, host):
        """A pool as large, of connections that the server keeps open."""
        host.address("10.99.0.1/32")
        self._use(host, None, False)


# ---- descriptors that others have too ----

SHARED, WORKERS = 120, 2


def forking_server(tell, tidy):
    """Its workers serve a part of the connections each, and close them; tidy is who closes what others serve."""
    lab.allow_files(1024)
    listener = socket.create_server(SERVER, backlog=256)
    tell("listening")
    connections = [listener.accept()[0] for _ in range(SHARED)]
    reader, writer = os.pipe()
    for number in range(WORKERS):
        if os.fork() == 0:
            libc_call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
            forked_worker(connections, number, tidy, writer)
    if tidy:
        close_all(connections)
    tell("forked")
    for _ in range(WORKERS):
        os.read(reader, 1)
    tell("served")
    signal.pause()


def forked_worker(connections, number, tidy, writer):
    mine = connections[number::WORKERS]
    others = [connection for connection in connections if connection not in mine]
    connections.clear()
    if tidy:
        close_all(others)
    while mine:
        with mine.pop() as connection:
            while connection.recv(4096):
                pass
    os.write(writer, b".")
    signal.pause()


def shared_clients(tell, stay):
    connected = [socket.create_connection(SERVER) for _ in range(SHARED)]
    if not stay:
        close_all(connected)
    tell("connected")
    signal.pause()


class InheritedDescriptor(lab.Scenario):
    """Each connection is closed by the worker that served it, and open in its parent and the other worker."""
    name = "close_wait_inherited"
    proves = {"close-wait-inherited-fd": "warning"}
    owner = ("forking-server",)
    measured = "connections that were closed and are still there"

    def _serve(self, host, tidy, stay):
        self.server = host.spawn("forking-server", forking_server, tidy)
        self.server.hear()
        host.spawn("clients", shared_clients, stay).hear()
        self.server.hear()
        if not stay:
            self.server.hear()

    def fault(self, host):
        self._serve(host, False, False)

    def check(self, report):
        lab.says(report.the("close-wait-inherited-fd", ["warning"], f"pid {self.server.pid}"), SHARED)

    def measure(self, host):
        return lab.count(lab.CLOSE_WAIT)

    def cure(self, host, report):
        fix = report.fix("close-wait-inherited-fd", "application", "in every process that has it")
        lines = host.look(fix).splitlines()
        assert len(lines) == SHARED and all(line.count("pid=") == WORKERS for line in lines), lines
        self.server.end()
        lab.wait_until(lambda: not lab.listening(SERVER[1]), "its workers have gone, too")
        self._serve(host, True, False)

    def twin(self, host):
        """As many connections in as many processes; the peers are there."""
        self._serve(host, False, True)


# ---- a few in each of many workers ----

CREW, EACH = 5, 30


def worker(tell, number, closes):
    lab.allow_files(PLENTY, PLENTY)
    address = (SERVER[0], SERVER[1] + number)
    listener = socket.create_server(address, backlog=EACH)
    clients_of_worker = [socket.create_connection(address) for _ in range(EACH)]
    kept = [listener.accept()[0] for _ in range(EACH)]
    for accepted in kept:
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if closes is not None:
        close_all(clients_of_worker)
    if closes:
        close_all(kept)
    tell("ready")
    signal.pause()


class SpreadLeak(lab.Scenario):
    """Somebody lowered tcp_keepalive_time against it. All connections are probed, all peers answer."""
    name = "close_wait_spread"
    proves = {"close-wait-unowned": "warning", "close-wait-keepalive-no-cure": "info"}
    owner = {"close-wait-unowned": ("spread over many processes",)}
    measured = "connections of clients that have left"

    def _work(self, host, closes):
        host.sysctl("net.ipv4.tcp_keepalive_time", 1)
        self.crew = [host.spawn("worker", worker, number, closes) for number in range(CREW)]
        for process in self.crew:
            process.hear()

    def fault(self, host):
        self._work(host, False)
        lab.wait_until(lambda: lab.counter("TcpExt.TCPKeepAlive") >= CREW * EACH, "all were probed")
        time.sleep(STANDS_S)

    def check(self, report):
        lab.says(report.the("close-wait-unowned", ["warning"]), CREW * EACH)
        lab.says(report.the("close-wait-keepalive-no-cure", ["info"]), CREW * EACH)

    def measure(self, host):
        return lab.count(lab.CLOSE_WAIT)

    def cure(self, host, report):
        names = host.look(report.fix("close-wait-unowned", "none", "Count by program"))
        assert names.split()[:2] == [str(CREW * EACH), '(("worker"'], names
        report.fix("close-wait-keepalive-no-cure", "none", "do not expect it to help")
        report.fix("close-wait-unowned", "application", "close the socket")
        for process in self.crew:
            process.end()
        self._work(host, True)

    def twin(self, host):
        """As many connections of as many workers, as often probed; the peers are there."""
        self._work(host, None)
