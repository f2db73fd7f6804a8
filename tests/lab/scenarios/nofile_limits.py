"""Descriptor limits where services, sessions and containers get them: each of three servers is at 95 % of its
limit and is cured in its own dialect; what limits.conf and unit files say is not what is in force; and limits
that the next start will not get. In a kernel of its own: control groups, /etc and fs.nr_open are all its own."""
import os
import re
import resource
import signal
import socket

import lab
from lab.machine import mount, write
from nofile import busy_server, clients, not_served

SOFT, USED, MORE = 100, 95, 20
MEANT, HARD = 4096, 8192
CGROUPS, UNITS = "/sys/fs/cgroup", "/run/systemd/system"
CONTAINER = "3f4a" * 16


def join_group(group):
    """As the manager does that starts a process."""
    path = os.path.join(CGROUPS, group)
    os.makedirs(path, exist_ok=True)
    write(os.path.join(path, "cgroup.procs"), str(os.getpid()))


def grouped_server(tell, group, port):
    join_group(group)
    busy_server(tell, port, USED)


def write_unit(unit, limit):
    os.makedirs(UNITS, exist_ok=True)
    write(f"{UNITS}/{unit}", f"[Service]\nLimitNOFILE={limit}\n")


def edit_unit(fix):
    """What `systemctl edit` does with the lines that the fix prints below it."""
    command, *rest = fix["commands"]["systemd"]
    unit = command.removeprefix("systemctl edit ")
    os.makedirs(f"{UNITS}/{unit}.d", exist_ok=True)
    lines = [line for line in rest if not line.startswith("systemctl")]
    write(f"{UNITS}/{unit}.d/override.conf", "\n".join(lines) + "\n")


class Limits(lab.Scenario):
    """Base: the mounts, and a way to start a server and its clients."""
    machine = lab.OWN_KERNEL
    beside = {"fd_limit_process"}

    def _prepare(self, security):
        mount("none", CGROUPS, "cgroup2")
        mount("tmpfs", "/etc/security", "tmpfs")
        write("/etc/security/limits.conf", security)

    def _serve(self, host, name, group, port):
        server = host.spawn(name, grouped_server, group, port)
        missing = server.hear()
        limits, host.limits = host.limits, {}
        host.spawn("clients", clients, port, missing).hear()
        host.limits = limits
        server.hear()
        return server


class LimitsOfEach(Limits):
    """A service, whose user's line in limits.conf does not reach it, and which needs it; a session that began before
    that line was written; a container; and a service whose unit file was not loaded."""
    name = "nofile_dialects"
    proves = {"nofile-near-limit": "critical", "nofile-wrong-place": "info", "nofile-configured-not-in-force": "warning"}
    owner = {"nofile-near-limit": ("web", "shell", "app"), "nofile-wrong-place": ("web", "/etc/security/limits.conf"),
             "nofile-configured-not-in-force": ("shell", "stale", "/run/systemd/system/stale.service")}
    measured = f"clients that are not served, of {4 * MORE}"
    # name: (control group, port)
    servers = {"web": ("system.slice/web.service", 8001), "shell": ("user.slice/user-0.slice/session-1.scope", 8002),
               "app": (f"docker/{CONTAINER}", 8003), "stale": ("system.slice/stale.service", 8004)}
    soft = SOFT

    def fault(self, host):
        self._prepare(f"root soft nofile {MEANT}\nroot hard nofile {MEANT}\n")
        host.limits[resource.RLIMIT_NOFILE] = (self.soft, self.soft)
        self.running = {name: self._serve(host, name, *where) for name, where in self.servers.items()}
        write_unit("stale.service", MEANT)

    def check(self, report):
        for name, process in self.running.items():
            lab.says(report.the("nofile-near-limit", ["critical"], f"{name} (pid {process.pid})"), USED, SOFT)
        lab.says(report.the("nofile-wrong-place", ["info"], "web"), SOFT, MEANT)
        for name in ("shell", "stale"):
            lab.says(report.the("nofile-configured-not-in-force", ["warning"], name), SOFT, MEANT)

    def measure(self, host):
        return sum(not_served(port, MORE) for _, port in self.servers.values())

    def cure(self, host, report):
        stale = self.running["stale"].pid
        host.apply(report.fix("nofile-configured-not-in-force", "limit", f"prlimit --pid {stale}"))
        unit = report.fix("nofile-wrong-place", "service", "web.service", "LimitNOFILE")
        edit_unit(unit)
        for name, fix, dialect in (("web", unit, "systemd"),
                                   ("shell", report.fix("nofile-near-limit", "limit", "root soft"), "limits.conf"),
                                   ("app", report.fix("nofile-near-limit", "limit", "--ulimit"), "docker")):
            self._restart(host, name, fix, dialect)

    def _restart(self, host, name, fix, dialect):
        self.running[name].end()
        host.apply(fix, dialect)
        self.running[name] = self._serve(host, name, *self.servers[name])

    def twin(self, host):
        """The same servers with as many clients, and what was meant in force."""
        self.soft = MEANT
        self.fault(host)


# ---- what the next start will not get ----

RAISED, LESS = 1024, 80
LOWERED = 5000


def limit_of(unit):
    """(soft, hard) that the unit asks for: the last word counts."""
    texts = []
    for path in (f"{UNITS}/{unit}", f"{UNITS}/{unit}.d/override.conf"):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                texts += re.findall(r"^LimitNOFILE=(\d+)(?::(\d+))?$", file.read(), re.M)
    soft, hard = texts[-1]
    return int(soft), int(hard or soft)


def next_start(tell, unit):
    """Starts as the manager would, and tells how many of the descriptors it lacks that the unit's process has now."""
    opened = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit_of(unit))
        while len(opened) < USED:
            opened.append(socket.socket())
    except (OSError, ValueError):  # EMFILE, or the limit is not allowed
        pass
    tell(USED - len(opened))
    signal.pause()


class NextStart(Limits):
    """The limit of one process was raised while it ran, and its unit says less. fs.nr_open was lowered below what
    another has and asks for."""
    name = "nofile_next_start"
    proves = {"nofile-less-after-restart": "warning", "nofile-over-nr-open": "info"}
    owner = {"nofile-less-after-restart": ("queue", "/run/systemd/system/queue.service"),
             "nofile-over-nr-open": ("large",)}
    measured = "descriptors that the next start lacks"
    # name: (port, limits in force, limit of the unit)
    servers = {"queue": (8001, (RAISED, RAISED), LESS), "large": (8002, (RAISED, HARD), f"{RAISED}:{HARD}")}

    def fault(self, host):
        self._prepare("# nothing\n")
        self._start(host, self.servers)
        host.sysctl("fs.nr_open", LOWERED)

    def _start(self, host, servers):
        for name, (port, limits, unit_limit) in servers.items():
            write_unit(f"{name}.service", unit_limit)
            host.limits[resource.RLIMIT_NOFILE] = limits
            self._serve(host, name, f"system.slice/{name}.service", port)
        host.limits.clear()

    def check(self, report):
        lab.says(report.the("nofile-less-after-restart", ["warning"], "queue"), USED, LESS)
        lab.says(report.the("nofile-over-nr-open", ["info"], "large"), HARD, LOWERED)

    def measure(self, host):
        lacking = 0
        for name in self.servers:
            process = host.spawn(name, next_start, f"{name}.service")
            lacking += process.hear()
            process.end()
        return lacking

    def cure(self, host, report):
        edit_unit(report.fix("nofile-less-after-restart", "service", "queue.service", "LimitNOFILE"))
        host.apply(report.fix("nofile-over-nr-open", "sysctl", "fs.nr_open"))
        assert self.measure(host) == 0, "not all is cured"

    def twin(self, host):
        """The same processes; the unit says what is in force, and fs.nr_open is the kernel's."""
        self._prepare("# nothing\n")
        self._start(host, dict(self.servers, queue=(8001, (RAISED, RAISED), RAISED)))
