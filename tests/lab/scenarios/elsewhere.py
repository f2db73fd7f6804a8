"""What looks like TCP and is not: name servers, programs that think, processors that are short, limits of
epoll and inotify. Of most of it only programs tell: what they said is pasted, and the audit reads that."""
import contextlib
import os
import re
import resource
import select
import signal
import socket
import subprocess
import time

import lab

NAME, PORT = "db.lab.example", 8080
URL = f"http://{NAME}:{PORT}/"
PHASES = ("namelookup", "connect", "starttransfer", "total")
TIMES = " ".join(f"time_{phase}: %{{time_{phase}}}" for phase in PHASES)
LOOKUPS = 5
SETTLES_S = 1


def output_of(*argv, **how):
    """What a program that may fail writes, as on a terminal."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, timeout=30, **how)
    return done.stdout.decode(errors="replace")


# ---- names ----

def resolve_by(host, *lines):
    """For this machine alone: over what /etc/resolv.conf is, or links to."""
    made = os.path.join(host.directory, "resolv.conf")
    is_new = not os.path.exists(made)
    with open(made, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    if not is_new:
        return
    target = os.path.realpath("/etc/resolv.conf")
    if target.startswith("/run/"):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a", encoding="utf-8"):
            pass
    host.run("mount", "--bind", made, target)


def answer_to(question):
    """127.0.0.1 for A, nothing for AAAA (RFC 1035)."""
    end = question.index(b"\0", 12) + 5
    is_a = question[end - 4:end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
    record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton("127.0.0.1") if is_a else b""
    return head + question[12:end] + record


def name_server(tell, loses_clashes):
    """loses_clashes: of two questions from one port at once the second is lost, as in connection tracking."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        tell("bound")
        while True:
            questions = [server.recvfrom(512)]
            while select.select([server], [], [], 0.02)[0]:
                questions.append(server.recvfrom(512))
            asked = set()
            for question, who in questions:
                if who not in asked or not loses_clashes:
                    server.sendto(answer_to(question), who)
                asked.add(who)


def web_server(tell, thinks_s, sends_s=0.0):
    """Thinks until the first byte of the answer, and sends from there to the last."""
    with socket.create_server(("127.0.0.1", PORT)) as listener:
        tell("listening")
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                time.sleep(thinks_s)
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello, ")
                time.sleep(sends_s)
                connection.sendall(b"world\n")


def timed_request():
    return output_of("curl", "-so", "/dev/null", "-w", TIMES + "\n", URL)


def seconds_of(text, phase):
    return float(re.search(rf"time_{phase}: ([\d.]+)", text).group(1))


class NameLookupSlow(lab.Paste):
    """One of the two questions is lost: the resolver asks again after 5 s."""
    name = "name_lookup_slow"
    proves = {"name-lookup-slow": "warning"}
    words = ("mark of a lost DNS packet",)
    measured = "seconds for the look-up of a name"

    def log(self):
        return self.curl_says

    def services(self, host, loses_clashes):
        host.spawn("name-server", name_server, loses_clashes).hear()
        host.spawn("web-server", web_server, 0).hear()
        resolve_by(host, "nameserver 127.0.0.1")

    def fault(self, host):
        self.services(host, True)
        self.curl_says = timed_request()

    def check(self, report):
        finding = report.the("name-lookup-slow", ["warning"])
        lab.says(finding, (4.9, 6))
        assert "lost DNS packet" in finding["diagnosis"], finding["diagnosis"]

    def measure(self, host):
        return seconds_of(self.curl_says, "namelookup")

    def cure(self, host, report):
        lines = report.fix("name-lookup-slow", "service", "single-request-reopen")["commands"]["resolv.conf"]
        resolve_by(host, "nameserver 127.0.0.1", *lines)
        self.curl_says = timed_request()

    def twin(self, host):
        """The same questions, and a server that thinks."""
        self.services(host, False)
        self.curl_says = timed_request()


class ResolverErrors(lab.Paste):
    """resolv.conf names a host where no name server is."""
    name = "resolver_errors"
    proves = {"resolver-errors-reported": "warning"}
    owner = ("psql", NAME)
    measured = f"failed look-ups of {LOOKUPS}"

    def log(self):
        return self.client_says

    def try_requests(self):
        self.client_says = "".join(output_of("psql", "-h", NAME, "-c", "select 1") for _ in range(LOOKUPS))

    def fault(self, host):
        host.spawn("name-server", name_server, False).hear()
        resolve_by(host, "nameserver 127.0.0.2")
        self.try_requests()

    def measure(self, host):
        return self.client_says.count("could not translate host name")

    def cure(self, host, report):
        report.fix("resolver-errors-reported", "network", "resolv.conf the right one", "getent ahosts NAME")
        resolve_by(host, "nameserver 127.0.0.1")
        self.try_requests()

    def twin(self, host):
        """The name is found, the database is not there."""
        host.spawn("name-server", name_server, False).hear()
        resolve_by(host, "nameserver 127.0.0.1")
        self.try_requests()


class AnswerSlow(lab.Paste):
    """The program thinks, and the stack is calm."""
    name = "answer_slow"
    proves = {"answer-slow": "warning", "stall-outside-stack": "warning"}
    commands = ("ss -tan", "nstat -az; sleep 1; nstat -az")
    measured = "seconds until the first byte of the answer"

    def log(self):
        return self.curl_says

    def services(self, host, *times):
        host.spawn("name-server", name_server, False).hear()
        resolve_by(host, "nameserver 127.0.0.1")
        self.server = host.spawn("web-server", web_server, *times)
        self.server.hear()
        self.curl_says = timed_request()

    def fault(self, host):
        self.services(host, 1.2)

    def check(self, report):
        lab.says(report.the("answer-slow", ["warning"]), (1.1, 2))

    def measure(self, host):
        return seconds_of(self.curl_says, "starttransfer")

    def cure(self, host, report):
        """The program is mended, and the request taken apart as the report says."""
        report.fix("answer-slow", "application", "Look at the server")
        command = report.fix("stall-outside-stack", "application", "curl -so")["commands"]["shell"][0]
        self.server.end()
        host.spawn("web-server", web_server, 0).hear()
        self.curl_says = output_of("sh", "-c", command.replace("URL", URL))

    def twin(self, host):
        """The first byte comes at once, the rest a little later."""
        self.services(host, 0, 0.5)


# ---- processors ----

BACKLOG, WORK_S, PAUSE_S, REQUEST_S = 16, 0.01, 0.1, 3
HOGS, LOAD = 60, 4.2
RECKONED_EVERY_S = 10  # 5 s, in a kernel whose time may stand still for a while


def busy_loops(tell):
    """So many processes, of one group. They begin when all are there: each slows the making of the next."""
    os.setpgid(0, 0)
    gate, opener = os.pipe()
    for _ in range(HOGS):
        if os.fork() == 0:
            os.close(opener)
            os.read(gate, 1)
            os.setpriority(os.PRIO_PROCESS, 0, 0)
            while True:
                pass
    os.close(opener)
    tell("spin")


def working_server(tell):
    """Has some work for each connection."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    with socket.create_server(("127.0.0.1", PORT), backlog=BACKLOG) as listener:
        tell("listening")
        while True:
            connection, _ = listener.accept()
            with connection:
                end = time.process_time() + WORK_S
                while time.process_time() < end:
                    pass
                connection.sendall(b"done")


def clients(tell):
    """One after the other, without waiting for an answer for ever."""
    tell("connect")
    waiting = []
    while True:
        made = socket.socket()
        made.setblocking(False)
        made.connect_ex(("127.0.0.1", PORT))
        waiting.append(made)
        time.sleep(PAUSE_S)
        for done in select.select(waiting, [], [], 0)[0]:
            waiting.remove(done)
            with contextlib.suppress(OSError), done:
                done.recv(4)
        if len(waiting) > 4 * BACKLOG:
            waiting.pop(0).close()


def answered_in_s():
    start = time.monotonic()
    while time.monotonic() - start < REQUEST_S:
        with contextlib.suppress(OSError), \
                socket.create_connection(("127.0.0.1", PORT), timeout=REQUEST_S) as made:
            if made.recv(4):
                break
    return time.monotonic() - start


def queue_is_worked_off():
    before = lab.counter("TcpExt.ListenOverflows")
    time.sleep(1.5)
    return lab.counter("TcpExt.ListenOverflows") == before and lab.count(lab.SYN_SENT) <= 1


class CpuStarved(lab.Scenario):
    """Many tasks for one processor: a server does not get to accept. This kernel has no PSI: what counts is
    /proc/loadavg, which the kernel reckons every 5 s."""
    name = "cpu_starved"
    machine = lab.OWN_KERNEL
    proves = {"cpu-starved": "critical|warning", "processors-short": "info"}
    remains = {"processors-short": "the load is the mean of a minute"}
    # what it comes to, on both sides
    beside = {"accept_queue_overflow", "close_wait_leak", "syn_sent_peer_unreachable"}
    # sock_diag, which tells the backlog, is built into this kernel: it shows nowhere
    options = ("--allow-module-load",)
    measured = "seconds for a request"
    sample = "1s"

    def serve(self, host):
        os.nice(-20)  # the lab itself and the audit
        host.spawn("server", working_server).hear()

    def fault(self, host):
        self.serve(host)
        self.hogs = host.spawn("hogs", busy_loops)
        self.hogs.hear()
        host.spawn("clients", clients).hear()
        lab.wait_until(lambda: os.getloadavg()[0] > LOAD, "the load is reckoned", 2 * RECKONED_EVERY_S)

    def measure(self, host):
        return answered_in_s()

    def cure(self, host, report):
        report.fix("cpu-starved", "application", "Find who takes the processors", "top -b")
        os.killpg(self.hogs.pid, signal.SIGKILL)
        lab.wait_until(queue_is_worked_off, "the queue is worked off")

    def twin(self, host):
        """The same clients, and a processor for the server."""
        self.serve(host)
        host.spawn("clients", clients).hear()


# ---- limits of epoll and inotify ----

WATCHES = "fs.epoll.max_user_watches"
CONNECTIONS, TOO_FEW = 30, 20
NGINX = f"server {{ listen 127.0.0.1:{PORT}; return 200 hello; }}"


def served():
    """How many of so many connections at once get an answer."""
    kept = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(CONNECTIONS)]
    for connection in kept:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    answered, deadline = 0, time.monotonic() + SETTLES_S
    for connection in kept:
        with contextlib.suppress(OSError):
            connection.settimeout(max(0.01, deadline - time.monotonic()))
            answered += connection.recv(12) == b"HTTP/1.1 200"
    for connection in kept:
        connection.close()
    return answered


class EpollWatches(lab.Paste):
    """nginx cannot register its connections."""
    name = "epoll_watches"
    machine = lab.OWN_KERNEL
    proves = {"epoll-watches-reported": "critical"}
    owner = ("nginx",)
    twin_beside = {"fd_limit_process"}
    commands = (f"sysctl {WATCHES}",)
    measured = f"connections of {CONNECTIONS} at once that nginx serves"
    more_is_better = True

    def log(self):
        with open(self.error_log, encoding="utf-8") as file:
            return file.read()

    def start_nginx(self, host, log="error.log"):
        self.nginx, self.error_log = lab.start_nginx(host, PORT, NGINX, log, "master_process off;")

    def fault(self, host):
        self.start_nginx(host)
        host.sysctl(WATCHES, TOO_FEW)
        served()

    def measure(self, host):
        return served()

    def cure(self, host, report):
        host.apply(report.fix("epoll-watches-reported", "sysctl", WATCHES), "shell")
        self.nginx.end()
        self.start_nginx(host, "cured.log")

    def twin(self, host):
        """Descriptors are what nginx is short of, not watches."""
        host.limits[resource.RLIMIT_NOFILE] = (20, 20)
        self.start_nginx(host)
        served()


INSTANCES = "fs.inotify.max_user_instances"
FOLLOWERS = 8


class InotifyLimit(lab.Paste):
    """tail -f, more often than a user may have inotify instances."""
    name = "inotify_limit"
    machine = lab.OWN_KERNEL
    proves = {"inotify-limit-reported": "warning"}
    owner = ("tail", INSTANCES)
    words = ("not of connections",)
    twin_beside = {"fd_limit_process"}
    commands = ("sysctl fs.inotify",)
    measured = f"programs of {FOLLOWERS} that poll instead of being told"

    def log(self):
        return self.tails_say

    def follow(self, host):
        path = os.path.join(host.directory, "followed")
        with open(path, "w", encoding="utf-8") as file:
            file.write("begun\n")
        tails = [host.start("tail", "-f", path) for _ in range(FOLLOWERS)]
        lab.wait_until(lambda: all("begun" in tail.said() for tail in tails), "they have begun")
        time.sleep(SETTLES_S)
        self.tails_say = "\n".join(tail.said() for tail in tails)
        for tail in tails:
            tail.end()

    def fault(self, host):
        host.sysctl(INSTANCES, FOLLOWERS // 2)
        self.follow(host)

    def measure(self, host):
        return self.tails_say.count("reverting to polling")

    def cure(self, host, report):
        host.apply(report.fix("inotify-limit-reported", "limit", INSTANCES.rpartition(".")[2]))
        self.follow(host)

    def twin(self, host):
        """Too many open files, of a process."""
        self.tails_say = output_of("sh", "-c", "ulimit -n 3; cat /proc/version")


# ---- the past ----

DROPPED = 520


class CountersStandStill(lab.Scenario):
    """A burst of clients that was dropped is over."""
    name = "counters_stand_still"
    proves = {"counters-stand-still": "info"}
    harmless = True
    measured = f"connections lost of {LOOKUPS}"
    # the rule is silent within an hour of boot, and this host may have been booted for the lab
    options = ("--param", "uptime_min_s=1")
    burst = DROPPED

    def fault(self, host):
        with socket.create_server(("127.0.0.1", PORT), backlog=0):
            lost = [socket.socket() for _ in range(self.burst + 1)]
            for client in lost:
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", PORT))
            for client in lost:
                client.close()
        host.spawn("web-server", web_server, 0).hear()

    def check(self, report):
        lab.says(report.the("counters-stand-still", ["info"]), (DROPPED, 2 * DROPPED))

    def measure(self, host):
        answers = [output_of("curl", "-s", f"http://127.0.0.1:{PORT}/") for _ in range(LOOKUPS)]
        return sum("hello" not in answer for answer in answers)

    def twin(self, host):
        """A burst that is not worth a word."""
        self.burst = DROPPED // 2
        self.fault(host)
