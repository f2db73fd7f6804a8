"""Descriptor limits where services, sessions and containers get them. In a kernel of its own: control groups, /etc
and fs.nr_open are all its own."""
import os
import re
import resource
import signal
import socket

import lab
from lab.machine import mount, write
from nofile import busy_server, clients, not_served

SOFT, USED, MORE = 100, 95, 20
MEANT, RAISED, LESS = 4096, 1024, 80
HARD, LOWERED = 80000, 70000
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


def write_unit(name, limit):
    os.makedirs(UNITS, exist_ok=True)
    write(f"{UNITS}/{name}.service", f"[Service]\nLimitNOFILE={limit}\n")


def edit_unit(fix):
    """What `systemctl edit` does with the lines that the fix prints below it."""
    command, *rest = fix["commands"]["systemd"]
    unit = command.removeprefix("systemctl edit ")
    os.makedirs(f"{UNITS}/{unit}.d", exist_ok=True)
    lines = [line for line in rest if not line.startswith("systemctl")]
    write(f"{UNITS}/{unit}.d/override.conf", "\n".join(lines) + "\n")


def limit_of(name):
    """(soft, hard) that the unit asks for: the last word counts."""
    found = []
    for path in (f"{UNITS}/{name}.service", f"{UNITS}/{name}.service.d/override.conf"):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found += re.findall(r"^LimitNOFILE=(\d+)(?::(\d+))?$", file.read(), re.M)
    soft, hard = found[-1]
    return int(soft), int(hard or soft)


def next_start(tell, name):
    """Starts as the manager would, and tells how many of the descriptors it lacks that the unit's process has now."""
    opened = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit_of(name))
        while len(opened) < USED:
            opened.append(socket.socket())
    except (OSError, ValueError):  # EMFILE, or the limit is not allowed
        pass
    tell(USED - len(opened))
    signal.pause()


class LimitsOfEach(lab.Scenario):
    """Four servers are at 95 % of their limit: a service, whose user's line in limits.conf does not reach it; a
    session that began before that line was written; a container; and a service whose unit file was not loaded. Two
    others will not get at their next start what they have: the limit of one was raised while it ran, and fs.nr_open
    was lowered below that of the other."""
    name = "nofile_limits"
    machine = lab.OWN_KERNEL
    proves = {"nofile-near-limit": "critical", "nofile-wrong-place": "info",
              "nofile-configured-not-in-force": "warning", "nofile-less-after-restart": "warning",
              "nofile-over-nr-open": "info"}
    owner = {"nofile-near-limit": ("web", "shell", "app"), "nofile-wrong-place": ("web", "/etc/security/limits.conf"),
             "nofile-configured-not-in-force": ("shell", "stale", "/run/systemd/system/stale.service"),
             "nofile-less-after-restart": ("queue", "/run/systemd/system/queue.service"),
             "nofile-over-nr-open": ("large",)}
    measured = f"clients that are not served, of {4 * MORE} now and {2 * USED} after the next start"
    # name: (control group, port)
    full = {"web": ("system.slice/web.service", 8001), "shell": ("user.slice/user-0.slice/session-1.scope", 8002),
            "app": (f"docker/{CONTAINER}", 8003), "stale": ("system.slice/stale.service", 8004)}
    # name: (port, hard limit, limit of the unit)
    raised = {"queue": (8005, RAISED, LESS), "large": (8006, HARD, f"{RAISED}:{HARD}")}

    def _serve(self, host, name, group, port):
        server = host.spawn(name, grouped_server, group, port)
        missing = server.hear()
        limits, host.limits = host.limits, {}
        host.spawn("clients", clients, port, missing).hear()
        host.limits = limits
        server.hear()
        return server

    def _start(self, host, soft, limit_of_queue):
        mount("none", CGROUPS, "cgroup2")
        mount("tmpfs", "/etc/security", "tmpfs")
        write("/etc/security/limits.conf", f"root soft nofile {MEANT}\nroot hard nofile {MEANT}\n")
        write_unit("queue", limit_of_queue)
        write_unit("large", self.raised["large"][2])
        for name, (port, hard, _) in self.raised.items():
            host.limits[resource.RLIMIT_NOFILE] = (RAISED, hard)
            self._serve(host, name, f"system.slice/{name}.service", port)
        host.limits[resource.RLIMIT_NOFILE] = (soft, soft)
        self.running = {name: self._serve(host, name, *where) for name, where in self.full.items()}
        write_unit("stale", MEANT)

    def fault(self, host):
        self._start(host, SOFT, LESS)
        host.sysctl("fs.nr_open", LOWERED)

    def check(self, report):
        for name, process in self.running.items():
            lab.says(report.the("nofile-near-limit", ["critical"], f"{name} (pid {process.pid})"), USED, SOFT)
        lab.says(report.the("nofile-wrong-place", ["info"], "web"), SOFT, MEANT)
        for name in ("shell", "stale"):
            lab.says(report.the("nofile-configured-not-in-force", ["warning"], name), SOFT, MEANT)
        lab.says(report.the("nofile-less-after-restart", ["warning"], "queue"), USED, LESS)
        lab.says(report.the("nofile-over-nr-open", ["info"], "large"), HARD, LOWERED)

    def measure(self, host):
        return sum(not_served(port, MORE) for _, port in self.full.values()) + self._lacking(host)

    def _lacking(self, host):
        lacking = 0
        for name in self.raised:
            process = host.spawn(name, next_start, name)
            lacking += process.hear()
            process.end()
        return lacking

    def cure(self, host, report):
        edit_unit(report.fix("nofile-less-after-restart", "service", "queue.service", "LimitNOFILE"))
        host.apply(report.fix("nofile-over-nr-open", "sysctl", "fs.nr_open"))
        stale = self.running["stale"].pid
        host.apply(report.fix("nofile-configured-not-in-force", "limit", f"prlimit --pid {stale}"))
        unit = report.fix("nofile-wrong-place", "service", "web.service", "LimitNOFILE")
        edit_unit(unit)
        for name, fix, dialect in (("web", unit, "systemd"),
                                   ("shell", report.fix("nofile-near-limit", "limit", "root soft"), "limits.conf"),
                                   ("app", report.fix("nofile-near-limit", "limit", "--ulimit"), "docker")):
            self.running[name].end()
            host.apply(fix, dialect)
            self.running[name] = self._serve(host, name, *self.full[name])

    def twin(self, host):
        """The same servers with as many clients; what was meant is in force, and in the units."""
        self._start(host, MEANT, RAISED)
