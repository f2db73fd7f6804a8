"""The table of open files of the whole host is full: one program leaks, and everybody who is not root gets
ENFILE. The limit that an old recipe "raised" is far below what the kernel chose."""
import os
import resource
import signal
import socket
import time

import lab
from lab.paste import Paste

LOWERED, LEAKED = 1000, 1200
USER, OTHER_USER = 4711, 4712
ASKED = 20
LIMIT = "fs.file-max"
PORT = 8080


def become(user):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    os.setgid(user)
    os.setuid(user)


def leak(tell, most):
    """Opens files until it may no more, or has so many."""
    become(USER)
    kept = []
    try:
        while len(kept) < most:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        print(f"  backup: {error}", flush=True)
    tell(len(kept))
    signal.pause()


def refused(tell):
    """Files that somebody else can't open, of so many."""
    become(OTHER_USER)
    kept = []
    failed = 0
    for _ in range(ASKED):
        try:
            kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            failed += 1
    tell(failed)


def chat_server(tell, log):
    """Takes a connection, or logs why not."""
    written = open(log, "a", buffering=1, encoding="ascii")  # while there are files
    become(OTHER_USER)
    listener = socket.create_server(("127.0.0.1", PORT), backlog=64)
    tell("listening")
    while True:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
        except OSError as error:
            print(f"chat-server: {type(error).__name__}: {error}", file=written)
            time.sleep(0.1)


class FileMax(lab.Scenario):
    name = "file_max"
    machine = lab.OWN_KERNEL
    rule = "file-max-near"
    proves = {"file-max-near": "critical"}
    owner = ("backup",)
    measured = f"files of {ASKED} that another user can't open"
    words = ("backup", LIMIT)
    beside = {"harmful_setting"}

    def fault(self, host):
        host.sysctl(LIMIT, LOWERED)
        self.leak(host, LEAKED)

    def leak(self, host, files):
        self.backup = host.spawn("backup", leak, files)
        self.backup.hear()

    def check(self, report):
        lab.says(report.the(self.rule, ["critical"]), (LOWERED * 95 // 100, LOWERED * 105 // 100), LOWERED)

    def measure(self, host):
        """While there is a leak."""
        other = host.spawn("other", refused)
        try:
            return other.hear()
        finally:
            other.end()

    def cure(self, host, report):
        host.apply(report.fix(self.rule, "sysctl", LIMIT))

    def twin(self, host):
        """The same leak, bounded as it is, under the kernel's own limit."""
        self.leak(host, LEAKED)


class FileMaxLogged(FileMax):
    """It is over; the log of the kernel tells of it."""
    name = "file_max_logged"
    rule = "file-max-logged"
    proves = {"file-max-logged": "info"}
    remains = {"file-max-logged": "as a note: the line of the log does not go away"}
    owner = ()
    words = (LIMIT,)

    def fault(self, host):
        super().fault(host)
        self.backup.end()

    def check(self, report):
        lab.says(report.the(self.rule, ["info"]), LOWERED)

    def measure(self, host):
        """When it comes again."""
        self.leak(host, LEAKED)
        try:
            return super().measure(host)
        finally:
            self.backup.end()


class FileMaxLowered(FileMaxLogged):
    """It is still to come: half of the limit is in use."""
    name = "file_max_lowered"
    rule = "file-max-lowered"
    proves = {"file-max-lowered": "warning"}
    remains = {}

    def fault(self, host):
        host.sysctl(LIMIT, LOWERED)
        self.leak(host, LOWERED // 2)

    def check(self, report):
        lab.says(report.the(self.rule, ["warning"]), LOWERED)


class FileMaxReported(Paste, FileMax):
    """What a ticket has of it: the log of the server that can't accept."""
    name = "file_max_reported"
    rule = "file-max-reported"
    proves = {"file-max-reported": "critical"}
    owner = ("chat-server",)
    words = ("chat-server",)
    path = "/run/lab/chat.log"

    def log(self):
        with open(self.path, encoding="ascii") as file:
            return file.read()

    def serve(self, host):
        host.spawn("chat-server", chat_server, self.path).hear()

    def fault(self, host):
        self.serve(host)
        super().fault(host)
        while not self.log():  # the first accept() has its file already
            socket.create_connection(("127.0.0.1", PORT)).close()

    def check(self, report):
        lab.says(report.the(self.rule, ["critical"]), (1, 1000))

    def cure(self, host, report):
        """The log begins anew."""
        host.apply(report.fix(self.rule, "limit", LIMIT))
        os.truncate(self.path, 0)
        self.leave_with_a_reset()

    def twin(self, host):
        """An error that is another one."""
        self.serve(host)
        self.leave_with_a_reset()

    def leave_with_a_reset(self):
        client = socket.create_connection(("127.0.0.1", PORT))
        lab.reset_on_close(client)
        client.close()
        lab.wait_until(self.log, "the server writes of it")
