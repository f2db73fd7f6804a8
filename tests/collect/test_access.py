#!/usr/bin/python3
"""Snapshots under restraint: no privilege, no BPF, a hidden or partial /proc, no netlink. Each must still be a
document that fits the schema, with the gaps that say what is missing, and no zero in place of what is not
known; and what the audit makes of it is true, whoever ran it."""
import ctypes
import json
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
import time

import jsonschema

import namespace as ns

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
NOBODY, SOMEBODY = 65534, 64123
LEAKED = 120  # the rules call 100 a leak
OLD_SECONDS = 5.5  # younger CLOSE_WAIT might be a burst, which is no leak
SYS_SOCKET = {"x86_64": 41, "aarch64": 198}


def take(*command, options=(), **how):
    done = subprocess.run([*command, TOOL, "snapshot", "--sample", "0", *options], capture_output=True,
                          check=False, **how)
    assert done.returncode == 0, (command, done)
    snapshot = json.loads(done.stdout)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(snapshot)
    return snapshot


def facts_of(snapshot):
    return {fact for gap in snapshot["gaps"] for fact in gap["facts"]}


def space_of(snapshot):
    return snapshot["namespaces"][0]


def check_nobody():
    """Another user's processes are named with their limits; their descriptors are counted where the kernel lets
    everybody (6.2), and of their sockets nothing is said."""
    snapshot = take(user=NOBODY, group=NOBODY, extra_groups=[])
    about = snapshot["collection"]
    assert about["euid"] == NOBODY and about["sockets_from"] == "sock_diag", about
    assert 0 < about["processes_unreadable"] <= about["processes_seen"], about
    assert "processes" in facts_of(snapshot)
    assert any("CAP_SYS_PTRACE" in gap["why"] for gap in snapshot["gaps"]), snapshot["gaps"]
    assert space_of(snapshot)["sockets"]["listen"] == 1
    listener = space_of(snapshot)["listeners"][0]
    assert listener["port"] == 20001 and "pid" not in listener, listener
    # one that ends while it is looked at has no uid; the first process stays
    others = [row for row in snapshot["processes"] if row.get("uid", NOBODY) != NOBODY]
    assert 1 in [row["pid"] for row in others], snapshot["processes"]
    assert not any({"socket_fds", "tcp_sockets", "states", "close_wait"} & set(row) for row in others), others
    counted = os.stat("/proc/1/fd").st_size
    assert any("fds" in row for row in others) == (counted > 0), others
    assert any("nofile_soft" in row for row in others), others


def check_mounted(options, check):
    """A /proc of other options, in a mount namespace of its own."""
    script = f"mount -t proc -o {options} proc /proc && exec \"$@\""
    probe = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", "true"],
                           capture_output=True, check=False)
    if probe.returncode != 0:
        print(f"not tried: /proc with {options}: {probe.stderr.decode().strip()}")
        return
    check(["unshare", "-m", "sh", "-c", script, "sh"])


def check_hidepid(command):
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    snapshot = take(*command, *drop)
    assert any("hidepid" in gap["why"] for gap in snapshot["gaps"]), snapshot["gaps"]
    assert space_of(snapshot)["sockets"]["listen"] == 1


def check_pids_only(command):
    """subset=pid: no /proc/sys, no /proc/net but that of a process."""
    snapshot = take(*command)
    facts = facts_of(snapshot)
    assert "namespaces[].ports" in facts and "host.memory_bytes" in facts, facts
    assert "ports" not in space_of(snapshot) and "memory_bytes" not in snapshot["host"]
    assert snapshot["host"]["kernel"]["release"] == platform.release()
    assert space_of(snapshot)["sockets"]["listen"] == 1
    assert all("ports_used" not in row for row in space_of(snapshot)["destinations"])


def refuse_netlink():
    """Makes socket(AF_NETLINK) fail with EPERM, as a seccomp profile does."""
    rules = [
        (0x20, 0, 0, 0),                                  # A = system call
        (0x15, 0, 3, SYS_SOCKET[platform.machine()]),     # socket()?
        (0x20, 0, 0, 16),                                 # A = its first argument
        (0x15, 0, 1, socket.AF_NETLINK),
        (0x06, 0, 0, 0x00050000 | 1),                     # SECCOMP_RET_ERRNO, EPERM
        (0x06, 0, 0, 0x7fff0000),                         # SECCOMP_RET_ALLOW
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0):
        os._exit(125)


def check_no_netlink():
    if platform.machine() not in SYS_SOCKET:
        print("not tried: seccomp on", platform.machine())
        return
    snapshot = take(preexec_fn=refuse_netlink)
    about = snapshot["collection"]
    assert about["sockets_from"] == "proc", about
    assert "Operation not permitted" in about["sockets_from_reason"], about
    assert "namespaces[].listeners[].backlog" in facts_of(snapshot)
    assert "backlog" not in space_of(snapshot)["listeners"][0]
    assert space_of(snapshot)["sockets"]["listen"] == 1


# ---- one leak, seen by an ordinary user, by root without BPF and by root ----

def leak():
    """A process of somebody's: its clients are done, it knows, and does not close."""
    ready, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            listener = ns.Listener("127.0.0.1", 20002)
            pairs = [listener.connect() for _ in range(LEAKED)]
            for client, server in pairs:
                client.shutdown(socket.SHUT_WR)
                server.recv(1)
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
            os.write(theirs, b"x")
            signal.pause()
        finally:
            os._exit(1)
    os.close(theirs)
    assert os.read(ready, 1) == b"x", "the leaking process failed"
    os.close(ready)
    return pid


def figures_of(snapshot):
    """All that does not depend on who looks, nor on when: the sockets, but for who holds them."""
    space = space_of(snapshot)
    listeners = [{fact: row[fact] for fact in row if fact not in ("pid", "process", "unit", "container")}
                 for row in space["listeners"]]
    waiting = {fact: count for fact, count in space["close_wait"].items() if not fact.endswith("_s")}
    return {"sockets": space["sockets"], "close_wait": waiting, "listeners": listeners}


def report_of(snapshot):
    """The report document and the text."""
    def audit(form):
        return subprocess.run([TOOL, "audit", "--input", "-", "--format", form], capture_output=True, check=True,
                              input=json.dumps(snapshot).encode(), env=dict(os.environ, COLUMNS="200")).stdout
    return json.loads(audit("json")), audit("text").decode()


def findings_of(report, rule):
    return [finding for finding in report["findings"] if finding["rule"] == rule]


def names_nobody(snapshot, pid):
    """The leak is told with its figure, and that it is not known whose it is."""
    report, text = report_of(snapshot)
    row = next(row for row in snapshot["processes"] if row["pid"] == pid)
    assert not {"socket_fds", "tcp_sockets", "close_wait"} & set(row), row
    assert not findings_of(report, "close-wait-leak"), report["findings"]
    (finding,) = findings_of(report, "close-wait-unowned")
    assert LEAKED in [line["value"] for line in finding["evidence"]], finding["evidence"]
    assert str(pid) not in json.dumps(report["findings"]), report["findings"]
    assert "processes" in facts_of(snapshot)
    assert any("CAP_SYS_PTRACE" in gap["why"] for gap in snapshot["gaps"]), snapshot["gaps"]
    assert f"as user {NOBODY} (not root)" in text, text


def names_it(snapshot, pid):
    report, text = report_of(snapshot)
    row = next(row for row in snapshot["processes"] if row["pid"] == pid)
    assert row["close_wait"]["total"] == LEAKED and row["uid"] == SOMEBODY, row
    assert space_of(snapshot)["owners"]["named"] >= 2 * LEAKED + 1, space_of(snapshot)["owners"]
    assert not findings_of(report, "close-wait-unowned"), report["findings"]
    (finding,) = findings_of(report, "close-wait-leak")
    assert f"pid {pid}" in finding["title"] and str(LEAKED) in finding["title"], finding["title"]
    assert f"(pid {pid})" in text and "not root" not in text, text


def check_three_ways(can_be_nobody):
    """Each report is true for who asked, and all agree on what can be seen by everybody."""
    without_bpf = ["setpriv"] + [f"--{of}=-sys_admin,-bpf,-perfmon" for of in ("bounding-set", "inh-caps")]
    pid = leak()
    time.sleep(OLD_SECONDS)
    try:
        by_bpf = take(options=("--owners", "bpf"))
        by_proc = take(options=("--owners", "proc"))
        bounded = take(*without_bpf, options=("--owners", "bpf"))
        taken = [by_bpf, by_proc, bounded]
        for snapshot in taken:
            names_it(snapshot, pid)
        if can_be_nobody:
            taken.append(take(user=NOBODY, group=NOBODY, extra_groups=[]))
            names_nobody(taken[-1], pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    for other in taken[1:]:
        assert figures_of(other) == figures_of(by_bpf), (figures_of(other), figures_of(by_bpf))
    check_reasons(*(snapshot["collection"] for snapshot in taken))


def check_reasons(by_bpf, by_proc, bounded, ordinary=None):
    """Each says where it has the owners from, and why not from BPF."""
    if by_bpf["owners_from"] != "bpf":
        print("no BPF here:", by_bpf["owners_from_reason"])
    else:
        assert by_bpf["owners_from_reason"] == "asked for", by_bpf
    assert (by_proc["owners_from"], by_proc["owners_from_reason"]) == ("proc", "asked for"), by_proc
    for about in [bounded] + ([ordinary] if ordinary else []):
        assert about["owners_from"] == "proc", about
        assert "CAP_BPF and CAP_PERFMON" in about["owners_from_reason"], about
    assert by_bpf["euid"] == by_proc["euid"] == bounded["euid"] == 0
    assert not ordinary or ordinary["processes_unreadable"] > by_proc["processes_unreadable"], ordinary


def main():
    ns.enter()
    if os.geteuid() != 0 or not os.access(TOOL, os.X_OK):
        ns.skip("needs root")
    listener = ns.Listener("127.0.0.1", 20001)
    probe = subprocess.run([TOOL, "--version"], user=NOBODY, capture_output=True, check=False)
    if probe.returncode == 0:
        check_nobody()
        check_mounted("hidepid=2", check_hidepid)
    else:
        print("not tried: nobody can't run the program from its folder")
    check_three_ways(probe.returncode == 0)
    check_mounted("subset=pid", check_pids_only)
    check_no_netlink()
    listener.socket.close()


if __name__ == "__main__":
    sys.exit(main())
