#!/usr/bin/python3
"""Several network namespaces in one snapshot: two of processes and one that "ip netns" made, each with tunables,
listeners and a fault of its own. Whose a fact is must never be mixed up, and what can't be entered must be a gap.

All this happens below a network and a mount namespace of the test's own: nothing of it stays."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

import jsonschema

import namespace as ns

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
NOBODY = 65534
BLUE = "tcpadvise-test-blue"
LEAKED = 1200  # sockets in CLOSE_WAIT: more than any rule lets pass

libc = ctypes.CDLL(None, use_errno=True)


# ---- the namespaces ----

def own_mounts():
    """Names that "ip netns" gives are files: they are put on a file system that nobody else sees."""
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None):
        ns.skip(f"mount namespace: {os.strerror(ctypes.get_errno())}")
    os.makedirs("/run/netns", exist_ok=True)
    if libc.mount(b"tmpfs", b"/run/netns", b"tmpfs", 0, None) != 0:
        ns.skip(f"mount: {os.strerror(ctypes.get_errno())}")


class Box:
    """A process in a network namespace of its own, which does one thing and then waits for its end."""

    def __init__(self, somaxconn, work, name=None):
        ready, say = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(ready)
            try:
                self.enter(name)
                ns.run("ip", "link", "set", "lo", "up")
                ns.write("/proc/sys/net/core/somaxconn", str(somaxconn))
                kept = work()
                os.write(say, b"+")
                signal.pause()
                del kept
            finally:
                os._exit(1)
        os.close(say)
        assert os.read(ready, 1) == b"+", "a namespace could not be set up"
        os.close(ready)
        self.inode = int(os.readlink(f"/proc/{self.pid}/ns/net")[5:-1])

    @staticmethod
    def enter(name):
        if not name:
            assert libc.unshare(ns.CLONE_NEWNET) == 0
            return
        ns.run("ip", "netns", "add", name)
        fd = os.open(f"/run/netns/{name}", os.O_RDONLY)
        assert libc.setns(fd, ns.CLONE_NEWNET) == 0
        os.close(fd)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def overflow():
    """A full accept queue, and connections that it refused."""
    listener = ns.Listener("127.0.0.1", 21001, backlog=1)
    clients = []
    for _ in range(8):
        clients.append(socket.socket())
        clients[-1].setblocking(False)
        clients[-1].connect_ex(("127.0.0.1", 21001))
    return listener, clients


def leak():
    """A server that never closes what its clients have closed."""
    listener = ns.Listener("127.0.0.1", 21002, backlog=200)
    servers = []
    for _ in range(LEAKED):
        client, server = listener.connect()
        client.close()
        servers.append(server)
    return listener, servers


def listen():
    return ns.Listener("127.0.0.1", 21003)


# ---- the tool ----

def start(*arguments, wrapper=(), sample="0"):
    return subprocess.Popen([*wrapper, TOOL, "snapshot", "--sample", sample, *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def end_of(tool, status=0):
    out, errors = tool.communicate()
    assert tool.returncode == status, (tool.returncode, errors)
    if status:
        assert not out
        return errors.decode()
    snapshot = json.loads(out)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(snapshot)
    return snapshot


def take(*arguments, **how):
    return end_of(start(*arguments, **how))


def by_inode(snapshot):
    spaces = {space["inode"]: space for space in snapshot["namespaces"]}
    names = [space["name"] for space in snapshot["namespaces"]]
    assert len(set(names)) == len(names) == len(spaces), names
    return spaces


def gaps_of(snapshot):
    return [(gap["what"], gap["why"]) for gap in snapshot["gaps"]]


# ---- what must be told ----

def check_all(full, leaking, blue):
    before = os.readlink("/proc/self/ns/net")
    snapshot = take("--netns", "all", sample="300ms")
    spaces = by_inode(snapshot)
    about = snapshot["collection"]
    assert about["netns"] == "all" and about["namespaces_entered"] == len(spaces), about
    assert spaces[full.inode]["sysctl"]["net.core.somaxconn"] == 11
    assert spaces[leaking.inode]["sysctl"]["net.core.somaxconn"] == 222
    assert spaces[blue.inode]["sysctl"]["net.core.somaxconn"] == 333
    for box, port in ((full, 21001), (leaking, 21002), (blue, 21003)):
        space = spaces[box.inode]
        assert [row["port"] for row in space["listeners"]] == [port], space["listeners"]
        assert space["listeners"][0]["pid"] == box.pid == space["pid"], space
        assert space.get("processes", 1) == 1 and 0.3 <= space["window_s"] < 5, space
    assert spaces[full.inode]["listeners"][0]["drops"] > 0
    assert spaces[full.inode]["counters"]["TcpExt"]["ListenOverflows"] > 0
    assert spaces[leaking.inode]["counters"]["TcpExt"]["ListenOverflows"] == 0
    assert spaces[leaking.inode]["close_wait"]["total"] == LEAKED
    assert spaces[full.inode]["close_wait"]["total"] == 0
    assert spaces[blue.inode]["sockets"]["total"] == 1
    check_names(spaces, full, leaking, blue)
    check_processes(snapshot, leaking)
    check_host(snapshot, spaces)
    assert os.readlink("/proc/self/ns/net") == before


def check_names(spaces, full, leaking, blue):
    names = {inode: space["name"] for inode, space in spaces.items()}
    assert names[blue.inode] == BLUE and spaces[blue.inode]["kind"] == "named"
    assert spaces[blue.inode]["path"] == f"/run/netns/{BLUE}"
    own = int(os.readlink("/proc/self/ns/net")[5:-1])
    with open("/proc/self/cgroup", encoding="ascii") as file:
        plain = not any(mark in file.read() for mark in ("docker", "libpod", "kubepods", ".service"))
    if plain:  # where the test runs in a container or a service, so do its children
        assert names[own] == spaces[own]["kind"] == "current", spaces[own]["kind"]
        for box in (full, leaking):
            with open(f"/proc/{box.pid}/comm", encoding="utf-8") as file:
                comm = file.read().strip()
            assert names[box.inode] == f"{comm}[{box.pid}]", names[box.inode]
            assert spaces[box.inode]["kind"] == "process"


def check_processes(snapshot, leaking):
    rows = {row["pid"]: row for row in snapshot["processes"]}
    row = rows[leaking.pid]
    assert row["netns"] == leaking.inode and row["close_wait"]["total"] == LEAKED, row
    assert sum(row.get("tcp_sockets", 0) for row in rows.values()) >= LEAKED + 3


def check_host(snapshot, spaces):
    """What only the initial namespace shows is read there, and once."""
    sysctl = snapshot["host"]["sysctl"]
    first = [space for space in spaces.values() if space["kind"] == "host"]
    hidden = any("child network namespace" in why for _, why in gaps_of(snapshot))
    assert len(first) <= 1 and bool(first) == ("net.ipv4.tcp_mem" in sysctl) != hidden, sysctl
    assert bool(first) == ("neighbours" in snapshot["host"])
    assert snapshot["host"]["tcp"]["alloc"] >= LEAKED


def check_audit(full, leaking):
    """The report names the namespace, or the process, that has the fault. Younger CLOSE_WAIT might be a burst."""
    time.sleep(5.5)
    done = subprocess.run([TOOL, "--netns", "all", "--sample", "300ms", "--format", "json"],
                          capture_output=True, check=True)
    report = json.loads(done.stdout)
    name = {box: next(space["name"] for space in report["namespaces"] if space["inode"] == box.inode)
            for box in (full, leaking)}
    where = scopes_of(report, "accept_queue_overflow")
    assert (name[full], "127.0.0.1:21001") in where, where
    assert not any(namespace == name[leaking] for namespace, _ in where), where
    objects = [thing for _, thing in scopes_of(report, "close_wait_leak")]
    assert any(f"(pid {leaking.pid})" in thing for thing in objects), objects
    assert not any(f"(pid {full.pid})" in thing for thing in objects), objects


def scopes_of(report, kind):
    return [(finding["scope"].get("namespace"), finding["scope"]["object"])
            for finding in report["findings"] if finding["class"] == kind]


def check_one(full, blue):
    for which in (BLUE, f"/run/netns/{BLUE}", str(blue.pid)):
        snapshot = take("--netns", which)
        assert [space["inode"] for space in snapshot["namespaces"]] == [blue.inode], which
        assert snapshot["namespaces"][0]["name"] == BLUE
        assert snapshot["collection"]["netns"] == which
        assert not any("in network namespace" in what for what, _ in gaps_of(snapshot))
    name = by_inode(take("--netns", "all"))[full.inode]["name"]
    assert list(by_inode(take("--netns", name))) == [full.inode]
    for which, text in (("no-such-namespace", "no network namespace 'no-such-namespace'"),
                        ("/proc/self/ns/mnt", "is no network namespace")):
        assert text in end_of(start("--netns", which), 3), which
    done = subprocess.run([TOOL, "eval", "--netns", BLUE, "namespaces[0].listeners[0].port"],
                          capture_output=True, check=True)
    assert done.stdout.strip() == b"21003", done
    done = subprocess.run([TOOL, "explain", "--netns", BLUE, "--sample", "0", "somaxconn"],
                          capture_output=True, check=True)
    assert b"333" in done.stdout, done.stdout


def check_number_or_name(blue):
    """A number is that of a process; where there is no such process, a name."""
    number = str(blue.pid)
    with open(f"/run/netns/{number}", "wb"):
        pass
    ns.run("mount", "--bind", "/proc/self/ns/net", f"/run/netns/{number}")
    assert list(by_inode(take("--netns", number))) == [blue.inode]
    with open("/proc/sys/kernel/pid_max", encoding="ascii") as file:
        nobody = str(int(file.read()))  # the first number that no process has
    with open(f"/run/netns/{nobody}", "wb"):
        pass
    ns.run("mount", "--bind", f"/run/netns/{BLUE}", f"/run/netns/{nobody}")
    assert list(by_inode(take("--netns", nobody))) == [blue.inode]
    for name in (number, nobody):
        ns.run("umount", f"/run/netns/{name}")
        os.unlink(f"/run/netns/{name}")


def check_end_between_samples():
    """The last process of a namespace ends while the tool waits: the tool holds on to the namespace."""
    box = Box(44, listen)
    tool = start("--netns", "all", sample="1s")
    deadline = time.monotonic() + 10
    while not any("net:[%d]" % box.inode in link for link in links_of(tool.pid)):
        assert time.monotonic() < deadline and tool.poll() is None, "the namespace is not held"
        time.sleep(0.01)
    time.sleep(0.3)
    box.end()
    space = by_inode(end_of(tool))[box.inode]
    assert space["sysctl"]["net.core.somaxconn"] == 44 and "TcpExt" in space["rates"], space
    assert space["listeners"] == [] and space["name"].endswith(f"[{box.pid}]"), space["name"]


def links_of(pid):
    links = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            pass  # closed meanwhile
    return links


# ---- what can't be had ----

def check_without_right(full, blue):
    """Root that may not enter: the own one, and a gap that names the others."""
    wrapper = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"]
    snapshot = take("--netns", "all", wrapper=wrapper)
    own = int(os.readlink("/proc/self/ns/net")[5:-1])
    assert list(by_inode(snapshot)) == [own], snapshot["namespaces"]
    gap = [what for what, why in gaps_of(snapshot) if why == "needs CAP_SYS_ADMIN"]
    # where the machine has many namespaces only the first are named
    assert len(gap) == 1 and (gap[0].endswith(" more") or all(f"(pid {box.pid})" in gap[0] for box in (blue, full))), gap
    assert "can't enter network namespace" in end_of(
        start("--netns", str(full.pid), wrapper=wrapper), 3)


def check_nobody(full):
    wrapper = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    probe = subprocess.run([*wrapper, TOOL, "--version"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("not tried: nobody can't run the program from its folder")
        return
    snapshot = take("--netns", "all", wrapper=wrapper)
    assert len(snapshot["namespaces"]) == 1 and "processes" not in snapshot["namespaces"][0]
    assert any("network namespaces of" in what and "CAP_SYS_PTRACE" in why
               for what, why in gaps_of(snapshot)), gaps_of(snapshot)
    assert "needs root or CAP_SYS_PTRACE" in end_of(
        start("--netns", str(full.pid), wrapper=wrapper), 3)


def check_few_descriptors(full):
    """What can't be held for want of descriptors is a gap, and the others go on."""
    wrapper = ["prlimit", "--nofile=9:9"]
    snapshot = take("--netns", "all", wrapper=wrapper)
    assert any("network namespace" in what and why == "Too many open files"
               for what, why in gaps_of(snapshot)), gaps_of(snapshot)
    assert 1 <= len(by_inode(snapshot)) < 4 and full.inode


def check_inside():
    """In namespaces of processes, mounts and network of its own the tool sees what its /proc shows."""
    script = ("unshare -n sleep 60 & inner=$!; sleep 0.5; \"$@\"; status=$?; kill $inner; exit $status")
    wrapper = ["unshare", "--pid", "--fork", "--mount", "--net", "--mount-proc", "sh", "-c", script,
               "sh"]
    probe = subprocess.run([*wrapper, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("not tried: unshare:", probe.stderr.decode().strip())
        return
    spaces = by_inode(take("--netns", "all", wrapper=wrapper)).values()
    kinds = {space["name"]: space["kind"] for space in spaces}
    assert "current" in kinds and BLUE in kinds and "host" not in kinds, kinds
    inner = [space for space in spaces if space.get("process") == "sleep"]
    assert len(inner) == 1 and inner[0]["processes"] == 1 and inner[0]["pid"] < 20, inner
    assert len(kinds) == 3, kinds


def main():
    if os.geteuid() != 0:
        ns.skip("needs root")
    ns.enter()
    own_mounts()
    boxes = [Box(11, overflow), Box(222, leak), Box(333, listen, BLUE)]
    full, leaking, blue = boxes
    try:
        check_all(full, leaking, blue)
        check_audit(full, leaking)
        check_one(full, blue)
        check_number_or_name(blue)
        check_end_between_samples()
        check_without_right(full, blue)
        check_nobody(full)
        check_few_descriptors(full)
        check_inside()
    finally:
        for box in boxes:
            box.end()


if __name__ == "__main__":
    sys.exit(main())
