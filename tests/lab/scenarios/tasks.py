"""A server with a thread for each connection at a limit of tasks: that of its control group, of its user, of
the host. To clients it looks like a fault of the network."""
import contextlib
import os
import resource
import signal
import socket
import threading

import lab
from lab.paste import Paste

PORT = 8080
LIMIT = 100
NEWCOMERS = 20
LEFT = 8
RESERVED = 300
USER = 4711
UNIT = "chat.service"
SMALL_STACK = 65536


def chat_server(tell, log, group=None, user=None, limit=LIMIT * 10):
    """A client that gets no thread is dropped, and the log says why."""
    if group:
        with open(group + "/cgroup.procs", "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
    if user:
        resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
        os.setgid(user)
        os.setuid(user)
    threading.stack_size(SMALL_STACK)
    listener = socket.create_server(("127.0.0.1", PORT), backlog=256)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        try:
            threading.Thread(target=serve, args=(log, connection), daemon=True).start()
        except RuntimeError as error:
            write(log, error)
            connection.close()


def serve(log, connection):
    with connection:
        try:
            connection.sendall(b"w")
            connection.recv(1)
        except OSError as error:
            write(log, error)


def write(log, error):
    with open(log, "a", encoding="ascii") as file:
        print(f"chat-server: {type(error).__name__}: {error}", file=file)


def welcomed(number):
    """Connections that were taken, of so many."""
    clients = []
    for _ in range(number):
        client = socket.create_connection(("127.0.0.1", PORT), timeout=5)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with contextlib.suppress(OSError):
            if client.recv(1):
                clients.append(client)
    return clients


def guests(tell, number):
    lab.allow_files(2048)
    kept = welcomed(number)
    tell(len(kept))
    signal.pause()


def leave_with_a_reset():
    (client,) = welcomed(1)
    lab.reset_on_close(client)
    client.close()


def all_tasks():
    with open("/proc/loadavg", encoding="ascii") as file:
        return int(file.read().split()[3].partition("/")[2])


def numbers_left(limit):
    """Of processes, not counting threads."""
    return limit - RESERVED - sum(RESERVED <= int(name) < limit for name in os.listdir("/proc") if name.isdigit())


def turned_away():
    clients = welcomed(NEWCOMERS)
    for client in clients:
        client.close()
    return NEWCOMERS - len(clients)


class Tasks(lab.Scenario):
    """TasksMax= of a unit."""
    name = "tasks_of_unit"
    machine = lab.OWN_KERNEL
    rule = "pids-near-max"
    proves = {"pids-near-max": "critical"}
    owner = (UNIT, "chat-server")
    measured = f"clients turned away of {NEWCOMERS}"
    words = (str(LIMIT),)

    def serve(self, host):
        self.serve_in(host, host.control_group(UNIT, LIMIT))

    def serve_in(self, host, *limits):
        self.path = "/run/lab/chat.log"  # any user may write there
        host.spawn("chat-server", chat_server, self.path, *limits).hear()

    def fault(self, host):
        self.serve(host)
        host.spawn("guests", guests, LIMIT + 10).hear()

    def check(self, report):
        lab.says(report.the(self.rule, ["critical"]), LIMIT, LIMIT)

    def measure(self, host):
        return turned_away()

    def cure(self, host, report):
        host.apply(report.fix(self.rule, "service", "TasksMax"), "systemd")

    def twin(self, host):
        """The same server in the same limit, with half the guests."""
        self.serve(host)
        host.spawn("guests", guests, LIMIT // 2).hear()


class TasksOfUser(Tasks):
    """RLIMIT_NPROC."""
    name = "tasks_of_user"
    rule = "nproc-near-limit"
    proves = {"nproc-near-limit": "critical"}
    owner = (f"User {USER}", "chat-server")

    def serve(self, host):
        self.serve_in(host, None, USER, LIMIT)

    def cure(self, host, report):
        host.apply(report.fix(self.rule, "limit", "prlimit"))


class TasksOfHost(Tasks):
    """kernel.threads-max, which somebody lowered."""
    name = "tasks_of_host"
    rule = "threads-near-host-limit"
    proves = {"threads-near-host-limit": "critical"}
    owner = ("chat-server",)
    limit = 3 * LIMIT

    def serve(self, host):
        self.serve_in(host, None, USER)

    def fault(self, host):
        host.sysctl("kernel.threads-max", self.limit)
        self.serve(host)
        # Not to the last one: the audit is a process, too.
        host.spawn("guests", guests, self.limit - all_tasks() - LEFT).hear()

    def check(self, report):
        lab.says(report.the(self.rule, ["critical"]), (self.limit * 95 // 100, self.limit), self.limit)

    def cure(self, host, report):
        # The threads of those who were measured end a little later than their connections.
        lab.wait_until(lambda: all_tasks() <= self.limit - LEFT + 2, "there is room for a command")
        host.apply(report.fix(self.rule, "sysctl", "kernel.threads-max"))

    def twin(self, host):
        """As many threads under the kernel's limit."""
        self.serve(host)
        host.spawn("guests", guests, self.limit).hear()


class PidsOfHost(TasksOfHost):
    """kernel.pid_max, which somebody lowered. The numbers below RESERVED are given away once only
    (include/linux/threads.h), so the audit is told to warn earlier."""
    name = "pids_of_host"
    proves = {"threads-near-host-limit": "critical|warning"}
    limit = 500
    options = ("--param", "tasks.tasks_warn_pct=40")

    def serve(self, host):
        host.limits[resource.RLIMIT_NOFILE] = (4096, 4096)
        self.serve_in(host)

    def fault(self, host):
        host.sysctl("kernel.pid_max", self.limit)
        self.serve(host)
        host.spawn("guests", guests, numbers_left(self.limit) - LEFT).hear()

    def check(self, report):
        lab.says(report.the(self.rule, lab.LOUD), (self.limit * 4 // 10, self.limit), self.limit)

    def cure(self, host, report):
        host.apply(report.fix(self.rule, "sysctl", "kernel.pid_max"))


class TasksReported(Paste, Tasks):
    """What a ticket has of it: the log of the server."""
    name = "tasks_reported"
    rule = "fork-eagain-reported"
    proves = {"fork-eagain-reported": "critical"}
    owner = ("chat-server",)
    words = ("chat-server",)

    def log(self):
        with open(self.path, encoding="ascii") as file:
            return file.read()

    def check(self, report):
        lab.says(report.the(self.rule, ["critical"]), 1)

    def cure(self, host, report):
        """The log goes on in a new file."""
        host.apply(report.fix(self.rule, "limit", "TasksMax"), "systemd", {"UNIT": UNIT})
        os.unlink(self.path)
        leave_with_a_reset()

    def twin(self, host):
        """An error that is another one."""
        super().twin(host)
        leave_with_a_reset()
        lab.wait_until(lambda: os.path.exists(self.path), "the server writes of it")
