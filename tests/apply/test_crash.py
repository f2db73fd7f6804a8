#!/usr/bin/python3
"""apply and revert killed at every step: what is found then is wholly old or wholly new, and revert brings the old back.

test_crash.py CRASH_AT.SO

crash_at.c kills the program before, or after, its N-th call that changes something, for N = 1, 2, ... until it runs
through."""
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys

import host

STEPS_MIN, STEPS_MAX = 20, 200
SPACE = "crash-blue"
FIN, PORTS = "net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range"
RULES = "/run/rules.json"
KEPT = "# somebody's own\n" + FIN + " = 55\r\nnet.ipv4.tcp_sack = 1"  # no newline at its end
LIMITS_OLD, LIMITS_NEW = (256, 512), (300, 512)  # to raise the hard one takes CAP_SYS_RESOURCE


class Own:
    """Settings and a limit, and the file that keeps them: /etc/sysctl.d is there or not, or has the file."""

    def __init__(self, sleeper, kept):
        fix = host.sets({FIN: "31", PORTS: "30000 40000"})
        host.pack(RULES, host.rule("made-fault", FIN, "31", [fix, host.limits(sleeper, *LIMITS_NEW)]))
        self.options, self.sleeper, self.kept = (), sleeper, kept

    def put(self, values):
        host.put(FIN, values[FIN])
        host.put(PORTS, values[PORTS])
        host.write(host.OWN_FILE, values[host.OWN_FILE].decode())
        resource.prlimit(self.sleeper, resource.RLIMIT_NOFILE, values["nofile"])

    def prepare(self):
        with contextlib.suppress(FileNotFoundError):
            os.rmdir("/etc/sysctl.d")
        if self.kept is not None:
            host.write(host.OWN_FILE, self.kept)

    def values(self):
        return {FIN: host.get(FIN), PORTS: host.get(PORTS), host.OWN_FILE: self.file(), "nofile": self.limit()}

    def limit(self):
        return resource.prlimit(self.sleeper, resource.RLIMIT_NOFILE)

    @staticmethod
    def file():
        return host.read(host.OWN_FILE) if os.path.exists(host.OWN_FILE) else None

    def new(self):
        lines = host.read(host.OWN_FILE)
        assert b"\n" + FIN.encode() + b" = 31\n" in lines and b"= 55" not in lines, lines
        return {FIN: "31", PORTS: "30000 40000", host.OWN_FILE: lines, "nofile": LIMITS_NEW}


class Elsewhere:
    """A setting of a namespace with a name."""

    def __init__(self):
        host.pack(RULES, host.rule("made-fault", FIN, "31"))
        self.options = ("--netns", SPACE, "--no-processes")

    def prepare(self):
        pass

    def put(self, values):
        host.ns.run("ip", "netns", "exec", SPACE, "sysctl", "-qw", f"{FIN}={values[FIN]}")

    def values(self):
        done = subprocess.run(["ip", "netns", "exec", SPACE, "cat", host.path_of(FIN)], capture_output=True, text=True,
                              check=True)
        return {FIN: done.stdout.strip(), "own": host.get(FIN)}

    def new(self):
        return {FIN: "31", "own": host.get(FIN)}


# ---- one crash ----

class Crash:
    def __init__(self, library, case):
        self.library, self.case = library, case
        self.apply = ("apply", "--yes", "--sample", "0", "--settle", "0", "--rules", RULES, "--only", "made-fault",
                      *case.options)
        case.prepare()
        shutil.rmtree(host.STORE, ignore_errors=True)
        self.old, self.before = case.values(), host.tree("/etc")
        self.new = self.learn()

    def learn(self):
        """What a whole apply sets; taken back again."""
        host.expect(host.run(*self.apply), host.OK)
        new = self.case.new()
        self.record_path = os.path.join(host.STORE, "0001.json")
        self.record = host.read(self.record_path).decode()
        assert self.case.values() == new != self.old, (self.case.values(), new)
        self.take_back()
        return new

    def killed(self, command, number, when):
        """Whether the program was killed, and did not run through before."""
        done = host.run(*command, env={**os.environ, "LD_PRELOAD": self.library, "CRASH_AT": str(number),
                                       "CRASH_WHEN": when})
        if done.returncode == -signal.SIGKILL:
            return True
        host.expect(done, host.OK)
        return False

    def check_whole(self):
        """Each value is old or new, and a record tells of whatever is new."""
        now = self.case.values()
        for key, value in now.items():
            assert value in (self.old[key], self.new[key]), (key, value)
        records = host.records()
        assert now == self.old or records, now
        return records

    def take_back(self):
        """A revert: everything is as before, to the byte."""
        done = host.run("revert")
        if done.returncode != host.OK:
            host.expect(done, host.FAILED, "there is nothing to take back")
        assert self.case.values() == self.old, (self.case.values(), self.old, done.stdout)
        assert host.tree("/etc") == self.before, host.difference(self.before, host.tree("/etc"))
        assert not [record for record in host.records() if record["state"] not in ("reverted", "taken_back")]
        assert not host.temporaries(), host.temporaries()

    def of_apply(self, number, when):
        shutil.rmtree(host.STORE, ignore_errors=True)
        if not self.killed(self.apply, number, when):
            self.take_back()
            return False
        self.check_whole()
        self.take_back()
        return True

    def check_next(self):
        """Once there is a record of what was not finished, the next apply says no until that is taken back."""
        shutil.rmtree(host.STORE, ignore_errors=True)
        number = 1
        while self.killed(self.apply, number, "after") and not self.check_whole():
            number += 1
        host.expect(host.run(*self.apply), host.FAILED, "was broken off half-way: take it back first")
        self.take_back()
        host.expect(host.run(*self.apply), host.OK)
        assert self.case.values() == self.new
        self.take_back()

    def of_revert(self, number, when):
        self.put_back()
        if not self.killed(("revert",), number, when):
            return False
        self.check_whole()
        self.take_back()
        return True

    def put_back(self):
        """As after the whole apply at the beginning, but quicker."""
        shutil.rmtree(host.STORE, ignore_errors=True)
        host.write(self.record_path, self.record)
        self.case.put(self.new)


def count_steps(step, when):
    number = 1
    while step(number, when):
        number += 1
        assert number < STEPS_MAX
    return number - 1


def check(library, case, apply_moments=("before",)):
    crash = Crash(library, case)
    for step, moments in ((crash.of_apply, apply_moments), (crash.of_revert, ("before", "after"))):
        counts = [count_steps(step, when) for when in moments]
        print(type(case).__name__, step.__name__, counts)
        assert min(counts) == max(counts) > STEPS_MIN, counts
    crash.check_next()


@contextlib.contextmanager
def sleeper():
    """A process with limits that apply raises."""
    process = subprocess.Popen(["sleep", "300"])
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, LIMITS_OLD)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def main():
    host.enter()
    host.put(FIN, "60")
    with sleeper() as pid:
        check(sys.argv[1], Own(pid, None), ("before", "after"))
        check(sys.argv[1], Own(pid, KEPT))
    host.ns.run("ip", "netns", "add", SPACE)
    try:
        check(sys.argv[1], Elsewhere())
    finally:
        host.ns.run("ip", "netns", "delete", SPACE)


if __name__ == "__main__":
    main()
