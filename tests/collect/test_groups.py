#!/usr/bin/python3
"""The control groups of sockets on the live kernel: an ordinary user sees no process of others, but the
unit, container or pod that made a socket."""
import json
import os
import socket
import subprocess
import sys

import jsonschema

import namespace as ns

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
NOBODY = 65534
CONTAINER = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
POD = "0a1b2c3d-1111-2222-3333-444455556666"
TOP = "tcpadvise-test.slice"  # of our own, below the root
WEB = TOP + "/tcpadvise-web.service"
APP = f"{TOP}/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{CONTAINER}.scope"
GONE = TOP + "/tcpadvise-gone.service"
WAITING, LEFT = 7, 5


def mount_point():
    """Where cgroup2 is mounted whole and can be written to, or the test ends."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if fields[fields.index("-") + 1] == "cgroup2" and fields[3] == "/":
                if os.statvfs(fields[4]).f_flag & os.ST_RDONLY:
                    ns.skip("the cgroup2 file system is read-only")
                return fields[4]
    ns.skip("no cgroup2 file system is mounted")


def own_group():
    with open("/proc/self/cgroup", encoding="ascii") as file:
        return next(line for line in file if line.startswith("0::")).strip()[3:]


class Groups:
    """Groups that this process can be in, removed in the end."""

    def __init__(self, root):
        self.root, self.home, self.made = root, own_group(), []

    def folder(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def make(self, path):
        for depth in range(1, path.count("/") + 2):
            folder = self.folder("/".join(path.split("/")[:depth]))
            if not os.path.isdir(folder):
                try:
                    os.mkdir(folder)
                except OSError as error:
                    ns.skip(f"can't make a control group: {error}")
                self.made.append(folder)

    def join(self, path):
        ns.write(self.folder(path) + "/cgroup.procs", str(os.getpid()))

    def remove(self, folder):
        os.rmdir(folder)
        self.made.remove(folder)

    def end(self):
        if self.made:
            self.join(self.home)
        for folder in reversed(self.made[:]):
            self.remove(folder)


def listen(port):
    return socket.create_server(("127.0.0.1", port), backlog=64)


def take(*command, options=(), **how):
    done = subprocess.run([*command, TOOL, "snapshot", "--sample", "0", *options],
                          capture_output=True, check=False, **how)
    assert done.returncode == 0, (command, done)
    snapshot = json.loads(done.stdout)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(snapshot)
    return snapshot, snapshot["namespaces"][0]


def open_sockets(groups):
    """All of one process that goes from group to group. What it must be in the end is checked below."""
    kept = []
    groups.join(WEB)
    web = listen(7001)
    kept.append(web)
    groups.join(APP)
    for _ in range(WAITING):  # made by the pod; the other ends belong to the listener's group
        kept.append(socket.create_connection(("127.0.0.1", 7001)))
    kept.append(web.accept()[0])  # whoever accepts it: the socket stays the listener's
    for _ in range(LEFT):
        server = listen(0)
        client = socket.create_connection(server.getsockname())
        kept += [client, server.accept()[0]]
        server.close()
        kept[-1].close()  # the pod's client is left in CLOSE_WAIT
        kept.pop()
    groups.join(GONE)
    kept.append(listen(7002))
    groups.join(groups.home)
    groups.remove(groups.folder(GONE))
    kept.append(listen(7003))
    return kept


def by_path(space):
    return {row.get("path"): row for row in space["groups"]}


def check_groups(space):
    rows = by_path(space)
    web, pod = rows["/" + WEB], rows["/" + APP]
    assert (web["unit"], web["slice"]) == (WEB.rsplit("/", 1)[1], TOP), web
    assert web["listeners"] == 1 and web["states"]["established"] == WAITING, web
    assert web["sockets"] == 1 + WAITING, web
    assert pod["container"] == {"engine": "containerd", "id": CONTAINER, "pod_uid": POD}, pod
    assert pod["states"]["established"] == WAITING, pod
    assert pod["close_wait"]["total"] == pod["close_wait"]["outbound"] == LEFT, pod
    assert "unit" not in pod and pod["listeners"] == 0, pod
    assert rows[None]["listeners"] == 1, rows  # the group was removed, the socket is still there
    assert space["groups_left_out"] == 0


def listeners(space):
    return {row["port"]: row for row in space["listeners"]}


def check_nobody():
    snapshot, space = take(user=NOBODY, group=NOBODY, extra_groups=[])
    check_groups(space)
    web = listeners(space)[7001]
    assert "pid" not in web and web["unit"] == "tcpadvise-web.service", web
    assert not {"unit", "container"} & set(listeners(space)[7002]), space["listeners"]
    to_web = next(row for row in space["destinations"] if row["port"] == 7001)
    assert to_web["container"] == "containerd:" + CONTAINER[:12], to_web
    assert to_web["pod_uid"] == POD and "pid" not in to_web, to_web
    facts = {fact for gap in snapshot["gaps"] for fact in gap["facts"]}
    assert "namespaces[].groups[].path" in facts, snapshot["gaps"]


def check_root():
    """The process is known, and it is in another group by now: its own counts."""
    _, space = take()
    check_groups(space)
    web = listeners(space)[7001]
    assert web["pid"] == os.getpid() and web.get("unit") != "tcpadvise-web.service", web


def check_unseen():
    """A mount namespace without the file system: there is no name, and a gap says why."""
    hide = ["unshare", "-m", "sh", "-c", "mount --make-rprivate / && umount -l \"$0\" && exec \"$@\""]
    snapshot, space = take(*hide, mount_point(), options=["--no-processes"])
    assert "groups" not in space and "unit" not in listeners(space)[7001], space
    gap = next(gap for gap in snapshot["gaps"] if "namespaces[].groups" in gap["facts"])
    assert "in sight" in gap["why"], gap


def check_proc_source():
    snapshot, space = take(options=["--no-processes", "--proc-sockets"])
    assert "groups" not in space, space["groups"]
    gap = next(gap for gap in snapshot["gaps"] if "namespaces[].groups" in gap["facts"])
    assert "/proc/net/tcp" in gap["why"], gap


def main():
    if os.geteuid() != 0:
        ns.skip("needs root")
    ns.enter()
    groups = Groups(mount_point())
    try:
        for path in (WEB, APP, GONE):
            groups.make(path)
        kept = open_sockets(groups)
        probe = subprocess.run([TOOL, "--version"], user=NOBODY, capture_output=True, check=False)
        if probe.returncode == 0:
            check_nobody()
        else:
            print("not tried: nobody can't run the program from its folder")
        check_root()
        check_unseen()
        check_proc_source()
        for end in kept:
            end.close()
    finally:
        groups.end()


if __name__ == "__main__":
    sys.exit(main())
