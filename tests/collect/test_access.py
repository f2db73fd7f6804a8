#!/usr/bin/python3
"""Snapshots under restraint: no privilege, a hidden or partial /proc, no netlink. Each must still be a document
that fits the schema, with the gaps that say what is missing, and no zero in place of what is not
known."""
import ctypes
import json
import os
import platform
import socket
import struct
import subprocess
import sys

import jsonschema

import namespace as ns

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
NOBODY = 65534
SYS_SOCKET = {"x86_64": 41, "aarch64": 198}


def take(*command, **how):
    done = subprocess.run([*command, TOOL, "snapshot", "--sample", "0"], capture_output=True,
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
    check_mounted("subset=pid", check_pids_only)
    check_no_netlink()
    listener.socket.close()


if __name__ == "__main__":
    sys.exit(main())
