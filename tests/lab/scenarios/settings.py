"""Settings that harm: a connection of the host suffers from each, and the fix that is printed cures it. A
scenario a setting; those that harm on a path with delay share another kernel, which has netem, the others a
namespace."""
import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
import termios
import time

import lab

FAR, HERE = "10.99.0.1", "10.99.0.2"
SENDS, RECEIVES, FLOODS = 9000, 9001, 9002
MIB = 1 << 20
CATCHES_UP = 20
FILLS_S = 1.5
MUCH = 7 << 20
ONE_WAY_MS = 20
LOCAL = ("127.0.0.1", 8000)
TRIES, REUSABLE_S = 20, 1.2  # tcp_tw_reuse takes over what has been in TIME_WAIT for a second
SACK, WSCALE = 2, 4  # tcpi_options of include/uapi/linux/tcp.h
TIMER_OF_TIME_WAIT = 3  # net/ipv4/tcp_ipv4.c, get_timewait4_sock()
OUTAGE_S = 2
SERVICE, OUTGOING, PEERS, HIGH = 8080, 300, 20000, 10240
RMEM, WMEM = "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"


class Setting(lab.Scenario):
    bad = {}

    def prepare(self, host):
        """What the measure needs, if it is not there yet."""

    def fault(self, host):
        self.prepare(host)
        for name, value in self.bad.items():
            host.sysctl(name, value)

    def cure(self, host, report):
        for rule in self.proves:
            host.apply(report.fix(rule, "sysctl", *self.bad))

    def twin(self, host):
        """What the kernel has by default, for the same connections."""
        self.prepare(host)
        self.measure(host)


def drain(reader):
    with contextlib.suppress(BlockingIOError):
        while reader.recv(1 << 20):
            pass


def queued(connection, which):
    """The bytes that wait to be read (FIONREAD), or to be acknowledged (TIOCOUTQ)."""
    return int.from_bytes(fcntl.ioctl(connection, which, bytes(4)), sys.byteorder)


# ---- on a path with delay ----

def send(connection, amount=MIB):
    connection.sendall(bytes(amount))


def send_on(connection):
    while True:
        send(connection)


def receive_all(connection):
    while connection.recv(1 << 18):
        pass


def peer(tell, port, serve):
    """Serves one connection after the other."""
    with socket.create_server((FAR, port)) as listener:
        tell("listening")
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                serve(connection)


class OnPath(Setting):
    machine = lab.OWN_KERNEL

    def prepare(self, host):
        if hasattr(host, "far"):
            return
        host.far = host.link("far", f"{HERE}/24", f"{FAR}/24")
        for end, device in ((host, "far"), (host.far, "eth0")):
            # CUBIC leaves its slow start early where delays vary, as they do here
            end.sysctl("net.ipv4.tcp_congestion_control", "reno")
            end.run("tc", "qdisc", "add", "dev", device, "root", "netem", "delay", f"{ONE_WAY_MS}ms",
                    "limit", "100000")
        for name, port, serve in (("source", SENDS, send), ("sink", RECEIVES, receive_all)):
            host.far.spawn(name, peer, port, serve).hear()


class Download(OnPath):
    measured = f"seconds for 1 MiB from a peer at {2 * ONE_WAY_MS} ms"

    def measure(self, host):
        start = time.monotonic()
        with socket.create_connection((FAR, SENDS)) as connection:
            receive_all(connection)
        return time.monotonic() - start


class Upload(OnPath):
    amount = 0

    def measure(self, host):
        start = time.monotonic()
        with socket.create_connection((FAR, RECEIVES)) as connection:
            send(connection, self.amount)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
        return time.monotonic() - start


class WindowScalingOff(Download):
    name = "setting_window_scaling"
    proves = {"window-scaling-off": "warning"}
    bad = {"net.ipv4.tcp_window_scaling": 0}


class AutotuningOff(Download):
    name = "setting_receive_autotuning"
    proves = {"receive-autotuning-off": "warning"}
    bad = {"net.ipv4.tcp_moderate_rcvbuf": 0}


class ReceiveOrder(Download):
    """The receive buffer starts above its own ceiling, and cannot grow."""
    name = "setting_rmem_order"
    proves = {"tcp-buffer-order": "warning"}
    beside = {"socket_buffer_limit"}
    bad = {RMEM: "4096 131072 65536"}


class SendOrder(Upload):
    name = "setting_wmem_order"
    proves = {"tcp-buffer-order": "warning"}
    beside = {"socket_buffer_limit"}
    bad = {WMEM: "4096 65536 16384"}
    amount = 4 * MIB
    measured = f"seconds for {amount >> 10} KiB to a peer at {2 * ONE_WAY_MS} ms"


class SackOff(Upload):
    """A bottleneck without a queue, such as a provider's policer: many segments of one window are lost."""
    name = "setting_sack"
    proves = {"sack-off": "warning"}
    bad = {"net.ipv4.tcp_sack": 0}
    amount = MIB
    measured = f"seconds for {amount >> 10} KiB to a peer behind a policer"

    def prepare(self, host):
        super().prepare(host)
        host.far.run("tc", "qdisc", "replace", "dev", "eth0", "clsact")
        host.far.run("tc", "filter", "replace", "dev", "eth0", "ingress", "matchall", "action", "police",
                     "rate", "30mbit", "burst", "100k", "mtu", "64k", "drop")


class ReceiveHuge(OnPath):
    """A reader that stops after it caught up some times: by then its buffer has grown."""
    name = "setting_rmem_huge"
    proves = {"tcp-buffer-huge": "warning"}
    bad = {RMEM: "4096 131072 268435456"}
    measured = "bytes that one stopped reader keeps in memory"

    def prepare(self, host):
        super().prepare(host)
        host.far.sysctl(WMEM, "4096 16384 268435456")
        host.far.spawn("flood", peer, FLOODS, send_on).hear()

    def measure(self, host):
        most = 0
        with socket.create_connection((FAR, FLOODS)) as reader:
            reader.setblocking(False)
            for _ in range(CATCHES_UP):
                time.sleep(3 * ONE_WAY_MS / 1000)
                most = max(most, queued(reader, termios.FIONREAD))
                if most > MUCH:
                    break
                drain(reader)
            return most


class SendHuge(OnPath):
    """A program that writes more than its peer reads."""
    name = "setting_wmem_huge"
    proves = {"tcp-buffer-huge": "warning"}
    bad = {WMEM: "4096 16384 268435456"}
    measured = "bytes that one writer keeps in memory"

    def prepare(self, host):
        super().prepare(host)
        host.far.sysctl(RMEM, "4096 131072 268435456")

    def measure(self, host):
        most = 0
        with socket.create_connection((FAR, RECEIVES)) as writer:
            lab.reset_on_close(writer)
            writer.setblocking(False)
            deadline = time.monotonic() + FILLS_S
            while time.monotonic() < deadline and most <= MUCH:
                with contextlib.suppress(BlockingIOError):
                    writer.send(bytes(MIB))
                most = max(most, queued(writer, termios.TIOCOUTQ))
                time.sleep(ONE_WAY_MS / 4000)
        return most


class OnLongPath(lab.Together):
    name = "settings_path"
    machine = lab.OWN_KERNEL
    # the last one leaves the policer behind
    members = (WindowScalingOff, AutotuningOff, ReceiveOrder, SendOrder, ReceiveHuge, SendHuge, SackOff)


# ---- on any path ----

def client(port=0):
    """Whose port another socket may have while it is in TIME_WAIT."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((LOCAL[0], port))
    return made


def made_time_wait(listener):
    """The local port of a connection that this side closed first."""
    with client() as connection:
        connection.connect(LOCAL)
        accepted, _ = listener.accept()
        port = connection.getsockname()[1]
    accepted.close()
    return port


def connects_from(port):
    """Whether a connection from the port can be made. It ends with a reset, which leaves no TIME_WAIT."""
    with client(port) as connection:
        lab.reset_on_close(connection)
        error = connection.connect_ex(LOCAL)
    assert error in (0, errno.EADDRNOTAVAIL), os.strerror(error)
    return error == 0


def options_by_cookie(host):
    """What a connection has that was made through a SYN cookie."""
    host.sysctl("net.ipv4.tcp_syncookies", 2)
    with socket.create_server(LOCAL) as listener, socket.create_connection(LOCAL) as client:
        options = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5]
        listener.accept()[0].close()
    host.sysctl("net.ipv4.tcp_syncookies", 1)
    return options


class TimestampsOff(Setting):
    name = "setting_timestamps"
    proves = {"timestamps-off": "warning"}
    bad = {"net.ipv4.tcp_timestamps": 0}
    measured = f"failed connects of {TRIES} from ports in TIME_WAIT, which tcp_tw_reuse allows"

    def fault(self, host):
        super().fault(host)
        assert not options_by_cookie(host) & (SACK | WSCALE), "a SYN cookie loses nothing"

    def twin(self, host):
        super().twin(host)
        assert options_by_cookie(host) & (SACK | WSCALE) == SACK | WSCALE, "a SYN cookie loses something"

    def measure(self, host):
        with socket.create_server(LOCAL, backlog=TRIES) as listener:
            ports = [made_time_wait(listener) for _ in range(TRIES)]
            lab.wait_until(lambda: lab.count(lab.FIN_WAIT2, lab.LAST_ACK) == 0, "TIME_WAIT stand")
            time.sleep(REUSABLE_S)
            return TRIES - sum(connects_from(port) for port in ports)


class FinTimeout(Setting):
    name = "setting_fin_timeout"
    proves = {"fin-timeout-shorter-than-it-looks": "info"}
    bad = {"net.ipv4.tcp_fin_timeout": 61}
    measured = "seconds that a closed connection waits for the FIN of its peer"
    more_is_better = True

    def check(self, report):
        lab.says(report.the("fin-timeout-shorter-than-it-looks", ["info"]), 2)

    def measure(self, host):
        with socket.create_server(LOCAL) as listener:
            client = socket.create_connection(LOCAL)
            accepted, _ = listener.accept()
            start = time.monotonic()
            client.close()
            lab.wait_until(lambda: small_socket_ends_in() is not None, "the small socket took over")
            lasts = time.monotonic() - start + small_socket_ends_in()
            accepted.close()
            return lasts


def small_socket_ends_in():
    """Seconds until the timer of the only FIN_WAIT_2 that is a time-wait socket, or None."""
    for row in lab.rows():
        timer, _, ticks = row[5].partition(":")
        if int(row[3], 16) == lab.FIN_WAIT2 and int(timer, 16) == TIMER_OF_TIME_WAIT:
            return int(ticks, 16) / os.sysconf("SC_CLK_TCK")
    return None


class RetriesLow(Setting):
    name = "setting_retries2"
    proves = {"tcp-retries2-low": "warning"}
    bad = {"net.ipv4.tcp_retries2": 1}
    measured = f"connections of {TRIES} that an outage of {OUTAGE_S} s ends"

    def prepare(self, host):
        if not hasattr(host, "far"):
            host.far = host.link("far", f"{HERE}/24", f"{FAR}/24")
            host.far.spawn("peer", keeper).hear()

    def check(self, report):
        assert "1 to 2 s" in report.the("tcp-retries2-low", ["warning"])["title"]

    def measure(self, host):
        connections = [socket.create_connection((FAR, RECEIVES)) for _ in range(TRIES)]
        host.far.run("ip", "route", "add", "blackhole", HERE)
        try:
            for connection in connections:
                connection.send(b"x")
            time.sleep(OUTAGE_S)
        finally:
            host.far.run("ip", "route", "del", "blackhole", HERE)
        died = [c for c in connections if c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ETIMEDOUT]
        for connection in connections:
            connection.close()
        return len(died)


def keeper(tell):
    """Keeps connections, and reads nothing."""
    listener, kept = socket.create_server((FAR, RECEIVES), backlog=TRIES), []
    tell("listening")
    while True:
        kept.append(listener.accept())


class RangeLow(Setting):
    """A recipe as many have: outgoing connections on ports where services start."""
    name = "setting_port_range"
    proves = {"ephemeral-range-starts-low": "info"}
    bad = {"net.ipv4.ip_local_port_range": "1024 65535"}
    measured = f"ports below {HIGH} where no service can start, with {OUTGOING} outgoing connections"

    def prepare(self, host):
        host.spawn("service", service).hear()

    def check(self, report):
        finding = report.the("ephemeral-range-starts-low", ["info"])
        assert [row["value"] for row in finding["evidence"] if row["label"].startswith("listeners")] == [1]
        assert any(f"at least {SERVICE}" in fix["text"] for fix in finding["fixes"]), finding["fixes"]

    def measure(self, host):
        with socket.create_server(("0.0.0.0", PEERS), backlog=OUTGOING):
            outgoing = [socket.create_connection((f"127.1.{i // 100}.{i % 100 + 1}", PEERS))
                        for i in range(OUTGOING)]
            taken = sum(not can_start(port) for port in range(1024, HIGH) if port != SERVICE)
            for connection in outgoing:
                lab.reset_on_close(connection)
                connection.close()
        return taken


def service(tell):
    listener = socket.create_server(("0.0.0.0", SERVICE))
    tell("listening")
    signal.pause()
    listener.close()


def can_start(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
            listener.listen()
        except OSError as error:
            assert error.errno == errno.EADDRINUSE, error
            return False
    return True


class OnAnyPath(lab.Together):
    name = "settings_any"
    members = (TimestampsOff, FinTimeout, RetriesLow, RangeLow)
