#!/usr/bin/python3
"""Makes TCP sockets in every reachable state and asks for a snapshot by sock_diag and by /proc: both must
be the same, and say exactly what was made."""
import collections
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

# Sockets that no process holds any more: whole ones, and mini-sockets in FIN_WAIT_2.
ORPHANS = ("orphans", "fin_wait2_orphan")

want = collections.Counter()   # members of namespaces[0].sockets
waits = collections.Counter()  # members of namespaces[0].close_wait
keep = []                      # sockets must outlive their functions


def expect(counter=want, **counts):
    counter.update(counts)


def expect_pair():
    """A connected pair of ours that nothing else was done to."""
    expect(established=2, established_inbound=1, established_outbound=1, established_no_timer=2)


def make_listeners():
    listeners = {
        "main": ns.Listener("0.0.0.0", 20001),
        "dual": ns.Listener("::", 20002),
        "six": ns.Listener("::1", 20003, v6only=True),
        "slow": ns.Listener("127.0.0.1", 20005),
        "full": ns.Listener("127.0.0.1", 20006, backlog=1),
        "in_range": ns.Listener("127.0.0.1", 40000),
        "reserved": ns.Listener("127.0.0.1", 50000),
    }
    shared = [ns.Listener("127.0.0.1", 20004, backlog=8 * (i + 1), reuse=True) for i in range(3)]
    keep.extend([listeners, shared])
    expect(listen=len(listeners) + len(shared))
    return listeners


def make_established(listeners):
    for name, address in (("main", "127.0.0.1"), ("dual", "127.0.0.1"), ("dual", "::1"),
                          ("six", "::1")):
        keep.append(listeners[name].connect(address))
        expect_pair()
    client, server = listeners["main"].connect()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    keep.append((client, server))
    expect_pair()
    expect(established_no_timer=-1)


def make_unaccepted(listeners):
    for _ in range(3):
        keep.append(listeners["slow"].connect(accept=False))
        expect(established=2, established_inbound=1, established_outbound=1,
               established_unaccepted=1, established_no_timer=1)
    client, _ = listeners["slow"].connect(accept=False)
    client.close()  # an orphan FIN_WAIT_2 here, an unaccepted CLOSE_WAIT there
    expect(fin_wait2=1, fin_wait2_orphan=1, close_wait=1)
    expect(waits, total=1, inbound=1, unaccepted=1)


def make_half_open(listeners):
    for _ in range(2):  # a queue of backlog + 1
        keep.append(listeners["full"].connect(accept=False))
        expect(established=2, established_inbound=1, established_outbound=1,
               established_unaccepted=1, established_no_timer=1)
    for target in (("127.0.0.1", 20006), (ns.SINK, 81)):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(target)
        keep.append(client)
        expect(syn_sent=1)
    for port in (5001, 5002):
        ns.send_syn(ns.SINK, port, ns.HERE, 20001)
        expect(syn_recv=1)
    ns.send_syn(ns.SINK, 5003, ns.HERE, 20002)
    expect(syn_recv=1)


def make_time_wait(listeners):
    for name, address in (("main", "127.0.0.1"), ("dual", "::1"), ("dual", "127.0.0.1")):
        client, server = listeners[name].connect(address)
        client.close()
        server.recv(1)
        server.close()
        expect(time_wait=1, time_wait_outbound=1)
    client, server = listeners["main"].connect()
    server.close()
    client.recv(1)
    client.close()
    expect(time_wait=1, time_wait_inbound=1)


def make_close_wait(listeners):
    client, server = listeners["main"].connect()
    client.shutdown(socket.SHUT_WR)
    keep.append((client, server))  # not looked at
    expect(close_wait=1, fin_wait2=1, fin_wait2_held=1)
    expect(waits, total=1, fin_unread=1, inbound=1)

    client, server = listeners["main"].connect()
    client.send(b"hello")
    client.shutdown(socket.SHUT_WR)
    keep.append((client, server))  # data waits
    expect(close_wait=1, fin_wait2=1, fin_wait2_held=1)
    expect(waits, total=1, data_unread=1, inbound=1)

    for _ in range(4):  # this host was the client, and does not close
        client, server = listeners["main"].connect()
        server.close()
        assert client.recv(1) == b""
        keep.append(client)
        expect(close_wait=1, fin_wait2=1, fin_wait2_orphan=1)
        expect(waits, total=1, eof_read=1, outbound=1)


def make_closing_states(listeners):
    client, server = listeners["main"].connect(small=True)
    ns.fill(client)
    client.shutdown(socket.SHUT_WR)  # its FIN can't leave
    keep.append((client, server))
    expect(fin_wait1=1, established=1, established_inbound=1, established_no_timer=1)

    client, server = listeners["main"].connect(small=True)
    ns.fill(client)
    client.close()
    keep.append(server)
    expect(fin_wait1=1, orphans=1, established=1, established_inbound=1, established_no_timer=1)

    client, server = listeners["main"].connect(small=True)
    ns.fill(client)
    client.shutdown(socket.SHUT_WR)
    server.shutdown(socket.SHUT_WR)  # acknowledged, and theirs not: CLOSING
    keep.append((client, server))
    expect(closing=1, fin_wait2=1, fin_wait2_held=1)

    client, server = listeners["main"].connect(small=True)
    ns.fill(client)
    server.shutdown(socket.SHUT_WR)
    time.sleep(0.1)
    client.close()
    keep.append(server)
    expect(last_ack=1, orphans=1, fin_wait2=1, fin_wait2_held=1)

    client, server = listeners["main"].connect(small=True)
    ns.fill(client)  # the peer does not read
    keep.append((client, server))
    expect(established=2, established_inbound=1, established_outbound=1, established_no_timer=1,
           established_zero_window=1)


def make_bound():
    for port in (41000, 41001, 50010, 20050):
        bound = socket.socket()
        bound.bind(("127.0.0.1", port))
        keep.append(bound)


def make_helper(listeners):
    """A process with a CLOSE_WAIT of its own and one that it shares with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    pid = os.fork()
    if pid == 0:
        try:
            for name in ("main", "slow"):
                listeners[name].socket.close()
            os.closerange(3, theirs.fileno())
            os.closerange(theirs.fileno() + 1, 1024)
            with open("/proc/self/comm", "wb") as comm:
                comm.write(b"h\xffl\x1b[2Jper")
            held = socket.recv_fds(theirs, 1, 8)[1]
            theirs.send(b"!")
            assert held
            theirs.recv(1)
        finally:
            os._exit(0)
    theirs.close()
    mine, server1 = listeners["main"].connect()
    both, server2 = listeners["main"].connect()
    server1.close()
    server2.close()
    assert mine.recv(1) == both.recv(1) == b""
    expect(close_wait=2, fin_wait2=2, fin_wait2_orphan=2)
    expect(waits, total=2, eof_read=2, outbound=2)
    socket.send_fds(ours, [b"x"], [mine.fileno(), both.fileno()])
    assert ours.recv(1) == b"!"
    mine.close()
    keep.extend([both, ours])
    return pid


def take(*options):
    done = subprocess.run([TOOL, "snapshot", "--sample", "0", *options], capture_output=True,
                          check=True)
    assert done.stderr == b"", done.stderr
    return json.loads(done.stdout)


def check_states(snapshot):
    sockets = snapshot["namespaces"][0]["sockets"]
    states = ("established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait",
              "close", "close_wait", "last_ack", "listen", "closing")
    # Of bytes test_queues.py knows; here they must be the same by both sources, and there are some.
    bytes_of = {"recv_queue_bytes", "send_queue_bytes"}
    assert all(sockets[name] > 0 for name in bytes_of), sockets
    derived = set(sockets) - {"total", "bound_inactive", *ORPHANS} - bytes_of
    check_orphans(sockets)
    wrong = {name: (sockets[name], want[name]) for name in derived if sockets[name] != want[name]}
    assert not wrong, f"(found, made): {wrong}"
    assert sockets["total"] == sum(want[name] for name in states)
    found = without_ages(snapshot, snapshot["namespaces"][0]["close_wait"])
    assert found == {name: waits[name] for name in found}, (found, waits)


def check_orphans(sockets):
    """A FIN whose acknowledgement comes while close() still owns the socket leaves the whole socket in FIN_WAIT_2 in
    place of a mini-socket, which the kernel calls "not so rare" (tcp_rcv_state_process()): it counts as an orphan."""
    found, made = ({name: counts[name] for name in ORPHANS} for counts in (sockets, want))
    assert sum(found.values()) == sum(made.values()) and found["orphans"] >= made["orphans"], (found, made)


def without_ages(snapshot, close_wait):
    """Of all that a process holds it was asked how long the peer has been silent; none is older than this test."""
    counts = dict(close_wait)
    ages = {name: counts.pop(name) for name in ("aged", "median_s", "oldest_s") if name in counts}
    if snapshot["collection"]["sockets_from"] == "sock_diag":
        assert ages.get("aged", 0) == counts["total"] - counts.get("unaccepted", 0), close_wait
    else:
        assert not ages, close_wait
    assert not ages or 0 < ages.get("median_s", 0.001) <= ages["oldest_s"] < 60, close_wait
    return counts


def check_rows(snapshot, helper):
    space = snapshot["namespaces"][0]
    listeners = {row["local"]: row for row in space["listeners"]}
    assert set(listeners) == {"0.0.0.0:20001", "[::]:20002", "[::1]:20003", "127.0.0.1:20004",
                              "127.0.0.1:20005", "127.0.0.1:20006", "127.0.0.1:40000",
                              "127.0.0.1:50000"}, list(listeners)
    assert [row["port"] for row in space["listeners"]] == sorted(
        row["port"] for row in space["listeners"])
    main, dual, slow = (listeners[name] for name in ("0.0.0.0:20001", "[::]:20002",
                                                    "127.0.0.1:20005"))
    assert main["syn_recv"] == 2 and dual["syn_recv"] == 1
    assert dual["established"] == 2 and dual["family"] == "inet6"
    assert main["time_wait"] == 1 and main["close_wait"] == 2
    assert listeners["127.0.0.1:20004"]["sockets"] == 3
    assert slow["queue"] == slow["queue_total"] == 4 and slow["established"] == 3
    assert slow["close_wait"] == slow["close_wait_unaccepted"] == 1
    assert main["pid"] == os.getpid() and main["process"] == "python3", main
    full = listeners["127.0.0.1:20006"]
    assert full["queue"] == 2

    ports = space["ports"]
    assert (ports["low"], ports["high"], ports["size"]) == (32768, 60999, 28232)
    assert ports["reserved"] == 4
    assert ports["listening_unreserved"] == [40000]

    remotes = {(row["local"], row["remote"]): row for row in space["destinations"]}
    local = remotes["127.0.0.1", "127.0.0.1:20001"]
    outbound = {"established": 3, "fin_wait1": 2, "time_wait": 1, "close_wait": 6, "closing": 1,
                "last_ack": 1, "fin_wait2": 2, "syn_sent": 0}
    assert local["sockets"] == local["ports_used"] == sum(outbound.values()), local
    assert {name: local[name] for name in outbound} == outbound, local
    assert local["pid"] == os.getpid() and local["loopback"] is True
    assert remotes["127.0.0.1", "127.0.0.1:20002"]["sockets"] == 2  # once mapped, once TIME_WAIT
    assert remotes["::1", "[::1]:20003"]["established"] == 1
    assert remotes[ns.HERE, ns.SINK + ":81"]["syn_sent"] == 1
    assert remotes[ns.HERE, ns.SINK + ":81"]["loopback"] is False
    check_processes(snapshot, helper)


def check_processes(snapshot, helper):
    rows = {row["pid"]: row for row in snapshot["processes"]}
    own, other = rows[os.getpid()], rows[helper]
    unheld = want["established_unaccepted"] + want["orphans"] + want["fin_wait2_orphan"]
    unheld += want["time_wait"] + want["syn_recv"] + waits["unaccepted"]
    total = snapshot["namespaces"][0]["sockets"]["total"]
    assert own["tcp_sockets"] == total - unheld - 1, (own, total, unheld)
    assert own["close_wait"]["total"] == waits["total"] - waits["unaccepted"] - 1
    assert own["close_wait"]["shared"] == 1
    assert own["close_wait"]["top_remote"] == "127.0.0.1:20001"
    assert own["close_wait"]["top_remote_count"] == 5
    assert own["states"]["listen"] == want["listen"]
    assert without_ages(snapshot, other["close_wait"]) == {
        "total": 2, "eof_read": 2, "fin_unread": 0, "data_unread": 0, "inbound": 0, "outbound": 2, "shared": 1,
        "top_remote": "127.0.0.1:20001", "top_remote_count": 2}
    assert other["name"] == "h\ufffdl\x1b[2Jper", other
    assert other["tcp_sockets"] == 2
    # listdir() has one open itself; during the snapshot there were two pipes.
    assert own["fds"] == len(os.listdir("/proc/self/fd")) - 1 + 2
    assert own["netns"] == snapshot["namespaces"][0]["inode"] == os.stat("/proc/self/ns/net").st_ino


def comparable(snapshot):
    """Without what /proc/net/tcp can't tell, the cost, and what moves by itself."""
    snapshot = json.loads(json.dumps(snapshot))
    space = snapshot["namespaces"][0]
    for object_ in (space, *snapshot["processes"]):
        if "close_wait" in object_:
            object_["close_wait"] = without_ages(snapshot, object_["close_wait"])
    space["sockets"].pop("bound_inactive", None)
    for name in ("blocked", "usable"):
        space["ports"].pop(name)
    for row in space["destinations"]:
        row.pop("ports_usable")
        for name in ("unit", "container", "pod_uid"):
            row.pop(name, None)
    for row in space["listeners"]:
        row.pop("backlog", None)
        row.pop("drops", None)
    for name in ("counters", "sockstat", "conntrack", "interfaces", "groups", "groups_left_out"):
        space.pop(name, None)
    own = [{name: row[name] for name in row if name not in ("user_threads", "pids_current")}
           for row in snapshot["processes"] if row.get("tcp_sockets", 0)]
    return {"namespace": space, "processes": own}


def check_diag_only(snapshot):
    space = snapshot["namespaces"][0]
    assert snapshot["collection"]["sockets_from"] == "sock_diag", snapshot["collection"]
    listeners = {row["local"]: row for row in space["listeners"]}
    assert listeners["127.0.0.1:20006"]["backlog"] == 1
    assert listeners["127.0.0.1:20006"]["drops"] >= 1
    if "bound_inactive" in space["sockets"]:
        assert space["sockets"]["bound_inactive"] == 4
        # 40000 listens; 41000 and 41001 are bound; 50010 is reserved, 20050 out of range
        assert space["ports"]["blocked"] == 3
        assert space["ports"]["usable"] == 28232 - 4 - 3


def check_proc_only(snapshot):
    assert snapshot["collection"]["sockets_from"] == "proc"
    assert snapshot["namespaces"][0]["ports"]["blocked"] == 1
    assert "bound_inactive" not in snapshot["namespaces"][0]["sockets"]
    facts = {fact for gap in snapshot["gaps"] for fact in gap["facts"]}
    assert "namespaces[].listeners[].backlog" in facts
    assert "namespaces[].sockets.bound_inactive" in facts
    for row in snapshot["namespaces"][0]["listeners"]:
        assert "backlog" not in row and "drops" not in row


def check_rates():
    """Five connection attempts to a full listener between two samples."""
    tool = subprocess.Popen([TOOL, "snapshot", "--sample", "800ms", "--no-processes"],
                            stdout=subprocess.PIPE)
    time.sleep(0.4)
    for _ in range(5):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", 20006))
        keep.append(client)
    snapshot = json.loads(tool.communicate()[0])
    about, space = snapshot["collection"], snapshot["namespaces"][0]
    assert about["samples"] == 2 and 0.8 <= about["window_s"] < 5, about
    row = next(row for row in space["listeners"] if row["port"] == 20006)
    # Resent SYNs of earlier attempts are dropped, too. Counters are read after the listeners of
    # the first sample and before those of the second, whose drops have the longer window.
    assert 4.5 <= row["drops_per_s"] * space["window_s"] <= 20, (row, space["window_s"])
    for name in ("ListenDrops", "ListenOverflows"):
        assert 4.99 <= space["rates"]["TcpExt"][name] * space["window_s"] <= 20, space["rates"]
    assert "CurrEstab" not in space["rates"]["Tcp"]
    assert space["name"] == "current" and snapshot["host"]["sysctl"], space["name"]


def main():
    ns.enter()
    listeners = make_listeners()
    make_bound()  # before a connection happens to take one of these ports
    helper = make_helper(listeners)
    try:
        make_established(listeners)
        make_unaccepted(listeners)
        make_half_open(listeners)
        make_time_wait(listeners)
        make_close_wait(listeners)
        make_closing_states(listeners)
        time.sleep(0.5)
        diag, proc = take(), take("--proc-sockets")
        with open(SCHEMA, encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        for snapshot in (diag, proc):
            validator.validate(snapshot)
            check_states(snapshot)
            check_rows(snapshot, helper)
        check_diag_only(diag)
        check_proc_only(proc)
        left, right = comparable(diag), comparable(proc)
        assert left == right, (left, right)
        alone = take("--no-processes")
        assert "processes" not in alone
        assert alone["namespaces"][0]["sockets"] == diag["namespaces"][0]["sockets"]
        check_rates()
        print("sockets:", dict(want))
    finally:
        os.kill(helper, signal.SIGKILL)
        os.waitpid(helper, 0)


if __name__ == "__main__":
    sys.exit(main())
