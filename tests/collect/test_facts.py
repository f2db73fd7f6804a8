#!/usr/bin/python3
"""What a snapshot says of connection tracking, interfaces, packets, neighbours, tasks and their limits, held
against the kernel's own files, with faults that this test makes itself."""
import ctypes
import errno
import json
import os
import resource
import socket
import subprocess
import sys
import time

import jsonschema

import namespace as ns
import nft

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
CLONE_NEWNET = 0x40000000
USER = 61000 + os.getpid() % 1000  # whom no other process runs for
HOSTILE = "w\x1b[31m"


def validated(text):
    snapshot = json.loads(text)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(snapshot)
    return snapshot


def take(*command, **how):
    done = subprocess.run([*command, TOOL, "snapshot", "--sample", "0"], capture_output=True,
                          check=False, **how)
    assert done.returncode == 0, (command, done)
    return validated(done.stdout)


def take_two(fault):
    """Two samples with the fault between them."""
    with subprocess.Popen([TOOL, "snapshot", "--sample", "2"], stdout=subprocess.PIPE) as tool:
        time.sleep(0.7)
        fault()
        text = tool.communicate()[0]
    assert tool.returncode == 0
    return validated(text)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def facts_of(snapshot):
    return {fact for gap in snapshot["gaps"] for fact in gap["facts"]}


def table(path):
    """Of a table of /proc/net/stat the sum of each column."""
    names, *rows = [line.split() for line in read(path).splitlines()]
    return {name: sum(int(row[i], 16) for row in rows) for i, name in enumerate(names)}


def growth(of, rate):
    """What a rate stands for; of has its window: a namespace, or the collection for those of the host."""
    return round(rate * of["window_s"])


def has_grown(of, rate, count):
    """Whether the rate stands for so many. Both it and its window are rounded to two decimals."""
    return abs(rate * of["window_s"] - count) <= 0.5 + 0.005 * (rate + of["window_s"])


# ---- connection tracking ----

def check_conntrack():
    try:
        nft.track()
    except OSError as error:
        print("not tried: connection tracking:", error)
        return
    ns.write("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", "0")
    listener = ns.Listener("127.0.0.1", 20001)
    pairs = [listener.connect() for _ in range(7)]
    before = table("/proc/net/stat/nf_conntrack")

    def fault():
        for port in range(30000, 30005):  # of no connection that is known
            ns.send_segment("127.0.0.1", port, "127.0.0.1", 20001, ns.ACK)

    snapshot = take_two(fault)
    after = table("/proc/net/stat/nf_conntrack")
    space = snapshot["namespaces"][0]
    assert space["conntrack"] == {
        name: int(read(f"/proc/sys/net/netfilter/nf_conntrack_{name}"))
        for name in ("count", "max", "buckets")}, space["conntrack"]
    assert space["conntrack"]["count"] >= len(pairs), space["conntrack"]
    counters, rates = space["counters"]["conntrack"], space["rates"]["conntrack"]
    assert counters == {name: after[name] for name in counters}, (counters, after)
    assert "drop" in counters and "invalid" in counters, counters
    grown = after["invalid"] - before["invalid"]
    assert grown >= 5 and has_grown(space, rates["invalid"], grown), (rates, before, after)
    assert rates["drop"] == 0, rates
    for client, server in pairs:
        client.close()
        server.close()
    listener.socket.close()


# ---- interfaces and packets ----

def device_lines():
    rows = {}
    for line in read("/proc/net/dev").splitlines()[2:]:
        name, _, numbers = line.rpartition(":")
        rows[name.strip()] = [int(number) for number in numbers.split()]
    return rows


def check_interfaces():
    ns.run("ip", "link", "add", HOSTILE, "type", "veth", "peer", "name", "w1")
    ns.run("ip", "link", "set", "v0", "mtu", "1400")
    before = device_lines()

    def fault():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind(("v0", 0))
            for _ in range(9):  # of a protocol that nobody has: v1 drops them
                raw.send(b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x88\xb5" + b"x" * 50)

    packets = sum(int(line.split()[0], 16) for line in read("/proc/net/softnet_stat").splitlines())
    snapshot = take_two(fault)
    after = device_lines()
    rows = {row["name"]: row for row in snapshot["namespaces"][0]["interfaces"]}
    links = json.loads(subprocess.run(["ip", "-json", "link"], check=True,
                                      capture_output=True).stdout, strict=False)
    assert set(rows) == {link["ifname"] for link in links} == set(after), rows
    assert HOSTILE in rows and {"lo", "v0", "v1", "w1"} < set(rows), rows
    for link in links:
        row, old, new = (table[link["ifname"]] for table in (rows, before, after))
        assert row["mtu"] == link["mtu"] and row["up"] == ("UP" in link["flags"]), (row, link)
        # IPv6 says something of its own accord now and then: between two looks, not equal to one
        for name, low, high in zip(("rx_packets", "rx_errors", "rx_dropped", "tx_packets",
                                    "tx_errors", "tx_dropped"),
                                   old[1:4] + old[9:12], new[1:4] + new[9:12]):
            assert low <= row[name] <= high, (name, row, old, new)
    assert rows["v0"]["mtu"] == 1400 and not rows["w1"]["up"]
    dropped = after["v1"][3] - before["v1"][3]
    space = snapshot["namespaces"][0]
    assert dropped >= 9 and has_grown(space, rows["v1"]["rx_dropped_per_s"], dropped), rows["v1"]
    softnet = snapshot["host"]["counters"]["softnet"]
    assert softnet["processed"] >= packets + 9, softnet
    assert softnet["busiest_processed"] <= softnet["processed"], softnet
    rates = snapshot["host"]["rates"]["softnet"]
    assert growth(snapshot["collection"], rates["processed"]) >= 9, rates
    assert 0 < rates["busiest_processed"] <= rates["processed"], rates


def check_queues():
    """A shaper in front of v0 drops most of a burst; what it has dropped is what tc says, before and after."""
    ns.run("tc", "qdisc", "replace", "dev", "v0", "root", "tbf", "rate", "200kbit", "burst", "2k",
           "latency", "10ms")

    def fault():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind(("v0", 0))
            for _ in range(300):
                try:
                    raw.send(b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x88\xb5" + b"x" * 1000)
                except OSError as error:  # the kernel says so when the queue is full
                    assert error.errno == errno.ENOBUFS, error

    space = take_two(fault)["namespaces"][0]
    rows = {row["name"]: row for row in space["interfaces"]}
    listed = {row["dev"]: row for row in json.loads(subprocess.run(
        ["tc", "-s", "-json", "qdisc"], check=True, capture_output=True).stdout) if row.get("root")}
    row, queue = rows["v0"], listed["v0"]
    assert row["qdisc"] == queue["kind"] == "tbf", row
    assert 200 < row["qdisc_dropped"] <= queue["drops"], (row, queue)
    assert has_grown(space, row["qdisc_dropped_per_s"], row["qdisc_dropped"]), row
    assert 0 < row["qdisc_packets"] <= queue["packets"], (row, queue)
    assert row["tx_dropped"] == 0, row
    assert rows["w1"]["qdisc"] == "none" and "qdisc_dropped" not in rows["w1"], rows["w1"]
    assert not any(kind["kind"] != rows[name]["qdisc"] for name, kind in listed.items()), rows
    ns.run("tc", "qdisc", "del", "dev", "v0", "root")


def check_neighbours(outside):
    """Of a child namespace a gap; where they are to be seen, what is there."""
    snapshot = take()
    facts = facts_of(snapshot)
    assert {"host.neighbours", "host.counters.arp", "host.rates.ndisc"} <= facts, facts
    assert "neighbours" not in snapshot["host"] and "arp" not in snapshot["host"]["counters"]

    def enter():
        if ctypes.CDLL(None).setns(outside, CLONE_NEWNET) != 0:
            os._exit(125)

    snapshot = take(preexec_fn=enter)
    if "neighbours" not in snapshot["host"]:
        print("not tried: neighbours: this is not the initial network namespace")
        return
    assert "host.neighbours" not in facts_of(snapshot)
    assert snapshot["host"]["neighbours"]["arp_entries"] >= 0
    assert "table_fulls" in snapshot["host"]["counters"]["arp"], snapshot["host"]["counters"]


# ---- load and tasks ----

def check_load():
    host = take()["host"]
    assert abs(host["threads"] - int(read("/proc/loadavg").split()[3].split("/")[1])) < 500, host
    assert host["load_1"] >= 0
    assert ("pressure" in host) == os.path.exists("/proc/pressure/cpu"), host
    assert host["sysctl"]["kernel.pid_max"] == int(read("/proc/sys/kernel/pid_max"))
    assert host["sysctl"]["kernel.threads-max"] == int(read("/proc/sys/kernel/threads-max"))


def limit_tasks():
    resource.setrlimit(resource.RLIMIT_NPROC, (77, 88))


def sleepers(count, **how):
    return [subprocess.Popen(["sleep", "60"], **how) for _ in range(count)]


def rows_of(snapshot):
    return {row["pid"]: row for row in snapshot["processes"]}


def stop(processes):
    for process in processes:
        process.kill()
        process.wait()


def check_tasks():
    processes = sleepers(3, user=USER, preexec_fn=limit_tasks)
    own = sleepers(1, preexec_fn=limit_tasks)
    rows = rows_of(take())
    for process in processes:
        row = rows[process.pid]
        assert row["threads"] == 1 and row["nproc_soft"] == 77, row
        assert row["user_threads"] == 3, row
    assert "nproc_soft" not in rows[own[0].pid], rows[own[0].pid]  # not in force for root
    assert rows[own[0].pid]["user_threads"] >= 2
    stop(processes + own)


def pids_mount():
    for line in read("/proc/self/mountinfo").splitlines():
        mount, _, kind = line.partition(" - ")
        kind = kind.split()
        if kind[0] == "cgroup" and "pids" in kind[2].split(",") and mount.split()[3] == "/":
            return mount.split()[4]
    return None


def check_groups():
    """Limits of two groups, one in the other: the outer one has less room. On v1 only: a group of v2
    may be another program's to divide."""
    top = pids_mount()
    outer = os.path.join(top or "/", f"tcpadvise-test-{os.getpid()}")
    inner = os.path.join(outer, "inner")
    try:
        if not top:
            raise OSError("no pids controller of v1")
        os.makedirs(inner)
        ns.write(outer + "/pids.max", "9")
        ns.write(inner + "/pids.max", "40")
    except OSError as error:
        print("not tried: limits of control groups:", error)
        return
    join = lambda: ns.write(inner + "/cgroup.procs", str(os.getpid()))
    processes = sleepers(2, preexec_fn=join)
    try:
        row = rows_of(take())[processes[0].pid]
        assert (row["pids_current"], row["pids_max"]) == (2, 9), row
        ns.write(outer + "/pids.max", "max")
        row = rows_of(take())[processes[0].pid]
        assert (row["pids_current"], row["pids_max"]) == (2, 40), row
        check_group_namespace(join, outer)
    finally:
        stop(processes)
        os.rmdir(inner)
        os.rmdir(outer)


def check_group_namespace(join, outer):
    """From inside, the limit of the outer group can't be seen."""
    ns.write(outer + "/pids.max", "9")
    snapshot = take("unshare", "-C", preexec_fn=join)
    assert not any("pids_max" in row for row in snapshot["processes"]), snapshot["processes"]
    assert "processes[].pids_max" in facts_of(snapshot), snapshot["gaps"]
    script = ("umount -R /sys/fs/cgroup && mount -t tmpfs none /sys/fs/cgroup && "
              "mkdir /sys/fs/cgroup/pids && mount -t cgroup -o pids none /sys/fs/cgroup/pids && "
              "exec \"$@\"")
    snapshot = take("unshare", "-C", "-m", "sh", "-c", script, "sh", preexec_fn=join)
    rows = [row for row in snapshot["processes"] if "pids_max" in row]
    assert rows and all((row["pids_current"], row["pids_max"]) == (3, 40) for row in rows), rows
    assert any("namespace hides them" in gap["why"] for gap in snapshot["gaps"]), snapshot["gaps"]


def main():
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    ns.enter()
    if os.geteuid() != 0:
        ns.skip("needs root")
    check_interfaces()
    check_queues()
    check_neighbours(outside)
    check_load()
    check_tasks()
    check_groups()
    check_conntrack()


if __name__ == "__main__":
    sys.exit(main())
