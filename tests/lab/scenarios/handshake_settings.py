"""Settings of the handshake that harm. Each is held against the clients that suffer from it: their last ACK
or their SYN is lost for a moment, as on any path now and then."""
import contextlib
import select
import signal
import socket
import threading
import time

import lab

HERE, THERE, PORT = "10.7.0.1", "10.7.0.2", 8080
CLIENTS = 5
SHORT = 4
LOSE = "add table ip lossy; add chain ip lossy path {{ type filter hook {0} priority 0; }};" \
       "add rule ip lossy path {1}"
LOSE_ACKS = LOSE.format("output", "tcp flags & (syn | ack | rst) == ack drop")
LOSE_SYNS = LOSE.format("input", "tcp flags syn drop")
LOSE_NOTHING = "delete table ip lossy"
TCPI_OPTIONS, TCPI_OPT_WSCALE = 5, 4  # struct tcp_info, include/uapi/linux/tcp.h


def web_server(tell, address=(HERE, PORT)):
    """Accepts and says goodbye."""
    listener = socket.create_server(address, backlog=64)
    tell("listening")
    kept = []
    while True:
        kept.append(listener.accept()[0])
        with contextlib.suppress(OSError):  # has left already
            kept[-1].shutdown(socket.SHUT_WR)


def stuck_server(tell, port):
    listener = socket.create_server((HERE, port), backlog=SHORT)
    tell("listening")
    signal.pause()
    listener.close()


def queue_filler(tell, port):
    kept = [socket.create_connection((HERE, port)) for _ in range(SHORT + 1)]
    tell(len(kept))
    signal.pause()


def knocker(tell, port):
    """One more after another meets the full queue."""
    tell("knocking")
    while True:
        lab.failed_connects((HERE, port), 1, 0.1)


def talkative_clients(tell, port, seconds):
    """Connect, speak, and tell how many of them are reset in that time."""
    connections = [socket.create_connection((HERE, port)) for _ in range(CLIENTS)]
    tell("connected")
    poll = select.poll()
    for connection in connections:
        connection.sendall(b"?")
        poll.register(connection, select.POLLIN)
    deadline = time.monotonic() + seconds
    reset, waiting = 0, CLIENTS
    while waiting and time.monotonic() < deadline:
        for descriptor, events in poll.poll(1000 * max(deadline - time.monotonic(), 0)):
            poll.unregister(descriptor)
            waiting -= 1
            reset += bool(events & select.POLLERR)
    tell(reset)


def without_window_scaling():
    """How many of the clients speak with a window of 64 KiB at most."""
    connections = [socket.create_connection((HERE, PORT)) for _ in range(CLIENTS)]
    return sum(not c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[TCPI_OPTIONS] & TCPI_OPT_WSCALE
               for c in connections)


class Setting(lab.Scenario):
    """A web server here, clients on another host, and a setting that is not the default."""
    setting = value = None

    def prepare(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        host.spawn("web-server", web_server).hear()

    def fault(self, host):
        self.prepare(host)
        host.sysctl(self.setting, self.value)

    def cure(self, host, report):
        for rule in self.proves:
            host.apply(report.fix(rule, "sysctl", self.setting))

    def twin(self, host):
        """The kernel's default."""
        self.prepare(host)

    def resets_after_lost_acks(self, port, seconds, meanwhile):
        """Of clients whose every ACK is lost until meanwhile() is over."""
        self.outside.run("nft", LOSE_ACKS)
        clients = self.outside.spawn("clients", talkative_clients, port, seconds)
        clients.hear()
        meanwhile()
        self.outside.run("nft", LOSE_NOTHING)
        return clients.hear()


class SynackRetriesLow(Setting):
    """A client whose last ACK is lost for more than a second has been forgotten."""
    name = "synack_retries_low"
    proves = {"synack-retries-low": "info"}
    setting, value = "net.ipv4.tcp_synack_retries", 0
    measured = f"resets of {CLIENTS} clients whose ACK was lost"

    def measure(self, host):
        return self.resets_after_lost_acks(PORT, 5, lambda: time.sleep(1.2))


class SynackRetriesHigh(Setting):
    """What vanished clients keep for nine minutes cannot be waited for: the setting is what is measured."""
    name = "synack_retries_high"
    proves = {"synack-retries-high": "info"}
    setting, value = "net.ipv4.tcp_synack_retries", 8
    measured = "SYN-ACKs to a client that is gone"

    def measure(self, host):
        return 1 + int(host.read_sysctl(self.setting))


class AbortOnOverflow(Setting):
    """A last ACK that meets a full accept queue gets a reset, not another chance."""
    name = "abort_on_overflow"
    proves = {"abort-on-overflow-on": "warning"}
    setting, value = "net.ipv4.tcp_abort_on_overflow", 1
    sample = "1s"
    beside = {"accept_queue_overflow"}
    measured = f"resets of {CLIENTS} clients whose ACK met a full queue"

    def fault(self, host):
        super().fault(host)
        self.overflow(host)

    def overflow(self, host):
        host.spawn("stuck-server", stuck_server, 8081).hear()
        host.spawn("waiting", queue_filler, 8081).hear()
        host.spawn("knocker", knocker, 8081).hear()

    def measure(self, host):
        server = host.spawn("stuck-server", stuck_server, 8082)
        server.hear()
        resets = self.resets_after_lost_acks(
            8082, 1, lambda: host.spawn("waiting", queue_filler, 8082).hear())
        server.end()
        return resets

    def twin(self, host):
        """The same overflow, which clients may wait out."""
        super().twin(host)
        self.overflow(host)

    twin_beside = beside


class SyncookiesAlways(Setting):
    """Cookies have no room for the options of clients without timestamps."""
    name = "syncookies_always"
    proves = {"syncookies-always": "warning"}
    setting, value = "net.ipv4.tcp_syncookies", 2
    measured = f"of {CLIENTS} clients that lose window scaling"

    def prepare(self, host):
        super().prepare(host)
        self.outside.sysctl("net.ipv4.tcp_timestamps", 0)

    def measure(self, host):
        return self.outside.inside(without_window_scaling)


class SynRetriesLowered(Setting):
    """Every program of the host gives up where a path is away for some seconds. The server is over there."""
    name = "syn_retries_lowered"
    proves = {"syn-retries-lowered": "warning"}
    setting, value = "net.ipv4.tcp_syn_retries", 1
    measured = f"failed connects of {CLIENTS} through an outage"
    OUTAGE_S, PATIENCE_S = 3.3, 8

    def prepare(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        self.outside.spawn("web-server", web_server, (THERE, PORT)).hear()

    def check(self, report):
        lab.says(report.the("syn-retries-lowered", ["warning"]), 3)

    def measure(self, host):
        """connect() gives up by itself, after 3 s; or the outage ends, and the next SYN comes through."""
        self.outside.run("nft", LOSE_SYNS)
        end = threading.Timer(self.OUTAGE_S, self.outside.run, ("nft", LOSE_NOTHING))
        end.start()
        failed = lab.failed_connects((THERE, PORT), CLIENTS, self.PATIENCE_S)
        end.join()
        return failed

    def twin(self, host):
        """A program with as little patience, of its own."""
        self.prepare(host)
        client = socket.socket()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)
        client.connect((THERE, PORT))
        client.close()
