#!/usr/bin/python3
"""Who holds a socket, told by BPF and by /proc: the same document on the same host.

The sockets are held in every way that there is: by one process, by several after a fork, twice by one, by an MPTCP
socket, by nobody yet, by nobody any more, and by a thread with descriptors of its own, which only BPF sees."""
import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time

import namespace as ns

TOOL = os.environ["TCPADVISE"]
CLONE_FILES = 0x400
SOMEBODY = 64123
PORT, MPTCP_PORT, SHARED_PORT = 20001, 20002, 20003

keep = []


def snapshot(*options):
    done = subprocess.run([TOOL, "snapshot", "--sample", "0", *options], capture_output=True, check=True)
    return json.loads(done.stdout)


def connect(port):
    client = socket.create_connection((ns.HERE, port))
    keep.append(client)
    return client


def fork_holder(work):
    """A process that does some work, says so and stays."""
    ready, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)  # whose tasks are only these: user_threads stands still
            os.write(theirs, b"x")
            signal.pause()
        finally:
            os._exit(1)
    os.close(theirs)
    assert os.read(ready, 1) == b"x"
    os.close(ready)
    return pid


def one_holder():
    keep.append(ns.Listener(ns.HERE, PORT))
    client = connect(PORT)
    server, _ = keep[0].socket.accept()
    keep.append(server)
    connect(PORT)  # never accepted
    keep.append(os.dup(client.fileno()))


def leaker():
    """CLOSE_WAIT that a child has, too."""
    listener = ns.Listener(ns.HERE, SHARED_PORT)
    keep.append(listener)
    for _ in range(3):
        client = socket.create_connection((ns.HERE, SHARED_PORT))
        keep.append(listener.socket.accept()[0])
        client.close()
    if os.fork() == 0:
        signal.pause()


def mptcp():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    listener.bind((ns.HERE, MPTCP_PORT))
    listener.listen(5)
    keep.append(listener)


def thread_with_table():
    """A thread leaves the table of its process and opens a connection that only it has."""
    done = threading.Event()

    def work():
        if ctypes.CDLL(None).unshare(CLONE_FILES) == 0:
            connect(PORT)
        done.set()
        threading.Event().wait()

    threading.Thread(target=work, daemon=True).start()
    done.wait()


def comparable(document, pids):
    """What both ways must agree on: all that is said of the processes of this test and of their sockets, but for an
    age, which goes on."""
    processes = {row["pid"]: row for row in document["processes"] if row["pid"] in pids}
    for row in processes.values():
        assert ("oldest_s" in row["close_wait"]) == (row["close_wait"]["total"] > 0), row
        row["close_wait"].pop("oldest_s", None)
    here = document["namespaces"][0]
    return {"processes": processes,
            "owners": here["owners"],
            "listeners": here["listeners"],
            "destinations": here["destinations"]}


def same_document(pids):
    by_bpf, by_proc = snapshot("--owners", "bpf"), snapshot("--owners", "proc")
    if by_bpf["collection"]["owners_from"] != "bpf":
        ns.skip("no BPF here: " + by_bpf["collection"]["owners_from_reason"])
    assert by_proc["collection"]["owners_from"] == "proc", by_proc["collection"]
    ours, theirs = comparable(by_bpf, pids), comparable(by_proc, pids)
    assert len(ours["processes"]) == len(pids), ours["processes"].keys()
    for part, told in ours.items():
        assert told == theirs[part], f"{part} by BPF:\n{json.dumps(told)}\nby /proc:\n{json.dumps(theirs[part])}"
    return by_bpf


def row_of(document, pid):
    return next(row for row in document["processes"] if row["pid"] == pid)


def check_kinds(document, one, leaking, by_mptcp=None):
    here = document["namespaces"][0]
    owners = here["owners"]
    assert owners["unaccepted"] == 1, owners
    assert owners["shared"] == 4, owners  # three connections and their listener
    assert owners["time_wait"] + owners["orphan"] == 3, owners  # the other ends
    held = {listener["port"]: listener.get("pid") for listener in here["listeners"]}
    assert held[PORT] == one and held[SHARED_PORT] == leaking, held
    assert row_of(document, leaking)["close_wait"]["shared"] == 3, row_of(document, leaking)
    assert held.get(MPTCP_PORT) == by_mptcp, held


def scan_is_bounded():
    """Without time no descriptor is looked at, and the report says so; nothing passes for zero."""
    command = [TOOL, "snapshot", "--sample", "0", "--owners", "proc", "--scan-time", "1ms"]
    document = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    late = [gap for gap in document["gaps"] if "time for looking at descriptors" in gap["why"]]
    assert late, document["gaps"]
    assert document["collection"]["processes_unreadable"] > 0, document["collection"]
    assert "kernel" not in document["namespaces"][0]["owners"], document["namespaces"][0]["owners"]
    unread = [row for row in document["processes"] if "fds" not in row]
    assert unread and not any("socket_fds" in row for row in unread), document["processes"]


def without_btf():
    """A kernel that does not tell its types: /proc is read, and the report says why."""
    script = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", TOOL, "snapshot", "--sample", "0", "--owners", "bpf"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        print("not tried: no mount namespace:", done.stderr.decode().strip())
        return
    about = json.loads(done.stdout)["collection"]
    assert about["owners_from"] == "proc" and "CONFIG_DEBUG_INFO_BTF" in about["owners_from_reason"], about


def many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for _ in range(min(hard, 20000) - 200):
        keep.append(os.open("/dev/null", os.O_RDONLY))


def interrupted():
    """Whether Ctrl-C, while descriptors were read, ended that and not the report."""
    process = subprocess.Popen([TOOL, "snapshot", "--sample", "0", "--owners", "proc", "--verbose"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "reading processes" in line:
            break
    time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    if process.returncode == -signal.SIGINT:
        return False  # too early or too late
    assert process.returncode == 0, process.returncode
    return any(gap["why"] == "interrupted" for gap in json.loads(out)["gaps"])


def main():
    ns.enter()
    pids = []
    try:
        pids.append(fork_holder(one_holder))
        pids.append(fork_holder(leaker))
        if os.path.exists("/proc/sys/net/mptcp/enabled"):
            pids.append(fork_holder(mptcp))
        time.sleep(0.2)
        check_kinds(same_document(pids), *pids)
        pids.append(fork_holder(thread_with_table))
        document = snapshot("--owners", "bpf")
        assert row_of(document, pids[-1])["tcp_sockets"] == 1, row_of(document, pids[-1])
        without_btf()
        pids.append(fork_holder(many_files))
        scan_is_bounded()
        assert any(interrupted() for _ in range(10)), "never interrupted"
    finally:
        subprocess.run(["pkill", "-KILL", "-P", ",".join(map(str, pids))], check=False)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


main()
