"""One host of a scenario: a network namespace with its processes, links and settings, and the hands that
carry out what the report says."""
import os
import re
import resource
import shlex
import subprocess
import tempfile

from .change import Changes
from .process import CLONE_NEWNET, Process, Program, enter_network, libc_call
from .tool import Skip
from .wire import listening, wait_until

LIMITS = {"nofile": resource.RLIMIT_NOFILE, "LimitNOFILE": resource.RLIMIT_NOFILE,
          "nproc": resource.RLIMIT_NPROC, "LimitNPROC": resource.RLIMIT_NPROC}


def command(*args, before=None):
    """Standard output of a command that must succeed."""
    try:
        done = subprocess.run(args, check=True, stdin=subprocess.DEVNULL, capture_output=True,
                              preexec_fn=before)
    except FileNotFoundError:
        raise Skip(f"the program {args[0]} is not installed")
    except subprocess.CalledProcessError as error:
        raise AssertionError(f"{shlex.join(args)}: status {error.returncode}\n"
                             + error.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="replace")


def can_change_user():
    with open("/proc/self/setgroups", encoding="ascii") as file:
        return file.read().strip() == "allow"


class Host:
    """keeper: the process in whose network namespace the host lives; None is the caller's own, which is
    the one that the audit looks at."""

    def __init__(self, keeper=None, changes=None):
        self.keeper = keeper
        self.changes = changes or Changes()
        self.directory = tempfile.mkdtemp()
        self.limits = {}
        self._processes = [keeper] if keeper else []
        self.run("ip", "link", "set", "lo", "up")

    # ---- processes ----

    def _enter(self, limits):
        if self.keeper:
            enter_network(self.keeper.pid)
        for limit, (soft, hard) in limits.items():
            resource.setrlimit(limit, (soft, hard))

    def enter(self):
        """Moves the process that calls it here."""
        self._enter({})

    def spawn(self, name, role, *args):
        """A process that runs role(tell, *args)."""
        limits = dict(self.limits)
        process = Process(name, role, args, lambda: self._enter(limits))
        self._processes.append(process)
        return process

    def start(self, *argv, port=None, user=None, environment=None):
        """A program that stays; returns when the port is listened on."""
        limits = dict(self.limits)
        if user:
            argv = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *argv)
        output = os.path.join(self.directory, f"program-{len(self._processes)}.log")
        program = Program(argv, output, lambda: self._enter(limits), environment)
        self._processes.append(program)
        if port:
            wait_until(lambda: not program.is_running() or self.inside(listening, port),
                       f"{argv[0]} listens on port {port}")
            assert program.is_running(), f"{shlex.join(argv)} ended:\n{program.said()}"
        return program

    def run(self, *argv):
        """Standard output of a command, run in this host."""
        return command(*argv, before=self.enter)

    def inside(self, function, *args):
        """What function(*args) returns in the network namespace of this host."""
        if not self.keeper:
            return function(*args)
        process = Process("inside", lambda tell: tell(function(*args)), (), self.enter)
        try:
            return process.hear()
        finally:
            process.end()

    def end(self):
        while self._processes:
            self._processes.pop().end()

    # ---- the network ----

    def address(self, address):
        """One more address on the loopback device, to be a peer that is not 127.0.0.0/8."""
        self.run("ip", "address", "add", address, "dev", "lo")

    def link(self, name, here, there):
        """Another host, joined by a pair of veth: NAME here, eth0 there, with these addresses (a.b.c.d/n)."""
        def keep(tell):
            libc_call("unshare", CLONE_NEWNET)
            tell("apart")
        keeper = self.spawn(name, keep)
        keeper.hear()
        self._processes.remove(keeper)
        other = Host(keeper, self.changes)
        self._processes.append(other)
        self.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(keeper.pid))
        for host, device, address in ((self, name, here), (other, "eth0", there)):
            host.run("ip", "address", "add", address, "dev", device, *(("nodad",) if ":" in address else ()))
            host.run("ip", "link", "set", device, "up")
        return other

    # ---- settings ----

    def sysctl(self, name, value):
        """Sets what the scenario needs; a fix is applied by apply()."""
        def write():
            try:
                with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="utf-8") as file:
                    file.write(str(value))
            except OSError as error:
                return f"{name} can't be set here: {error.strerror}"
            return None
        problem = self.inside(write)
        if problem:
            raise Skip(problem)

    def read_sysctl(self, name):
        """Its numbers, as text."""
        return " ".join(self.run("sysctl", "-n", name).split())

    def control_group(self, unit, tasks):
        """A service's group as systemd makes it, with at most so many tasks; its directory. Only in a kernel
        of one's own: the tree of groups is the whole host's."""
        top = "/sys/fs/cgroup"
        if not os.path.exists(top + "/cgroup.procs"):
            self.run("mount", "-t", "cgroup2", "none", top)
        directory = os.path.join(top, "system.slice", unit)
        os.makedirs(directory, exist_ok=True)
        for parent in (top, os.path.dirname(directory)):
            with open(parent + "/cgroup.subtree_control", "w", encoding="ascii") as file:
                file.write("+pids")
        with open(directory + "/pids.max", "w", encoding="ascii") as file:
            file.write(str(tasks))
        return directory

    # ---- fixes ----

    def look(self, fix, *words):
        """What the lines with these words print that a fix gives to look with, typed in a directory of their
        own. They must succeed: grep finds nothing where a line is wrong."""
        lines = [line for line in fix["commands"]["shell"] if all(word in line for word in words)]
        assert lines, f"the fix prints no line with {words}: {fix}"
        if any(line.startswith("tcpdump ") for line in lines) and not can_change_user():
            raise Skip("tcpdump gives its rights up, which root of a user namespace cannot")
        return "".join(self.run("sh", "-ec", f"cd {self.directory}; {line}") for line in lines)

    def apply(self, fix, dialect=None, names=None):
        """Carries a fix out. What it sets is set by the tool itself, unless a dialect is asked for.

        What it prints is carried out to the letter. "shell", "nftables" and "iptables" are lines for a
        shell. Of "docker", "compose", "systemd" and "limits.conf", what the engine or the manager would set
        when the container or the unit is started anew is set: settings at once, limits (self.limits) for
        what is spawned from now on. names: {placeholder: what a reader puts there}."""
        if "settings" in fix and not dialect:
            self.changes.apply(self, fix)
            return
        dialect = dialect or "shell"
        lines = fix.get("commands", {}).get(dialect)
        assert lines, f"the fix prints nothing for {dialect}: {fix}"
        for word, name in (names or {}).items():
            lines = [re.sub(rf"\b{word}\b", name, line) for line in lines]
        print(f"  applying ({dialect}): " + "; ".join(lines))
        if dialect in ("shell", "nftables", "iptables"):
            for line in lines:
                self.run("sh", "-ec", line)
            return
        text = "\n".join(lines)
        settings = re.findall(r"--sysctl[ =]([\w.]+)=(\"[^\"]*\"|'[^']*'|\S+)", text)
        limits = re.findall(r"(LimitNOFILE|LimitNPROC)=(\d+)(?::(\d+))?", text) \
            + re.findall(r"--ulimit[ =](\w+)=(\d+)(?::(\d+))?", text) \
            + [(what, value, None) for what, value in re.findall(r"^\S+\s+-\s+(\w+)\s+(\d+)$", text, re.M)] \
            + re.findall(r"^\S+\s+soft\s+(\w+)\s+(\d+)\n\S+\s+hard\s+\1\s+(\d+)$", text, re.M)
        tasks = re.findall(r"^systemctl set-property (\S+) TasksMax=(\d+)$", text, re.M)
        assert settings or limits or tasks, f"neither a setting nor a limit in {lines}"
        for name, value in settings:
            self.sysctl(name, value.strip("\"'"))
        for name, soft, hard in limits:
            self.limits[LIMITS[name]] = (int(soft), int(hard or soft))
        for unit, most in tasks:
            self.control_group(unit, most)

