#!/usr/bin/env python3
"""Snapshots a second that one process, and as many as there are processors, judge from a stream of them.

stream.py [--hosts N] [--rounds N] [--make FILE]; --make only writes the snapshots, to look at them.

Each host is one of the recordings of ../fixtures/hosts taken as one sample (a snapshot of about 11 KiB), with a
name, sizes, counters, load and processes of its own; one in ten has a destination that runs out of ports, one in
ten a process that leaks CLOSE_WAIT. The same seed makes the same fleet. Beside it stands what is done without a
stream: a process for each snapshot. Before anything is measured the reports of the stream have to be those of
single documents, and in their order."""
import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
import time

from measure import Figures, judge, lab, machine, refuse_sanitizers, table, timed

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDINGS = ["container-4.19", "fresh-vm", "web-server-4.19", "web-server"]
AIM_PER_S = 5000
PEAK_MIB_MOST = 24
SINGLE = 200  # snapshots for the process-each way, and to compare

LEAK = {"total": 400, "eof_read": 400, "fin_unread": 0, "data_unread": 0, "inbound": 400, "outbound": 0,
        "shared": 0, "top_remote": "10.8.0.9", "top_remote_count": 400}


# ---- a fleet ----

def recording(name):
    with open(os.path.join(HERE, "..", "fixtures", "hosts", name + ".json"), encoding="utf-8") as file:
        host = json.load(file)
    for part in (host["host"], *host["namespaces"]):
        part.pop("rates", None)  # of two samples
    host["collection"].update(samples=1, window_s=0.0)
    return host


def move(value, dice):
    """Counters as another host has them: what is zero stays so."""
    if isinstance(value, dict):
        return {key: move(inner, dice) for key, inner in value.items()}
    return int(value * dice.uniform(0.5, 2)) if isinstance(value, int) else value


def leak(host, dice):
    process = {"pid": dice.randrange(1000, 30000), "name": "api", "uid": 1001, "fds": 460, "nofile_soft": 1024,
               "nofile_hard": 4096, "socket_fds": 405, "tcp_sockets": 402, "close_wait": LEAK,
               "states": {"established": 1, "close_wait": 400, "listen": 1}, "kind": "service",
               "unit": "api.service", "netns": host["namespaces"][0]["inode"]}
    host["processes"].append(process)


def crowd(host, dice):
    used = dice.randrange(26000, 28000)
    host["namespaces"][0]["destinations"].append(
        {"local": "10.1.0.4", "remote": "10.9.9.9:6379", "address": "10.9.9.9", "port": 6379, "loopback": False,
         "sockets": used, "ports_used": used, "ports_usable": 28232, "established": 100, "syn_sent": 0,
         "time_wait": used - 100, "close_wait": 0, "pid": 4242, "process": "worker"})


def make_host(number, template, dice):
    host = copy.deepcopy(template)
    host["host"].update(name=f"node-{number:06}", uptime_s=round(dice.uniform(1e4, 1e7), 2),
                        load_1=round(dice.uniform(0, 9), 2))
    for ns in host["namespaces"]:
        ns["counters"] = move(ns["counters"], dice)
    for process in host.get("processes", []):
        process["pid"] = dice.randrange(2, 32768)
    if number % 10 == 3:
        leak(host, dice)
    if number % 10 == 7:
        crowd(host, dice)
    return host


def make_fleet(path, count):
    dice = random.Random(1)
    templates = [recording(name) for name in RECORDINGS]
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            host = make_host(number, templates[number % len(templates)], dice)
            file.write(json.dumps(host, separators=(",", ":")) + "\n")


def head(path, count):
    with open(path, encoding="utf-8") as file:
        return [line for _, line in zip(range(count), file)]


# ---- the ways ----

def audit(source, target):
    return [lab.tool(), "audit", "--input", source, "--format", "json", "--output", target]


def measure_stream(path, rounds):
    return Figures([timed(audit(path, "/dev/null")) for _ in range(rounds)])


def measure_each(lines, folder):
    """Seconds for a process a snapshot, one after the other."""
    paths = []
    for number, line in enumerate(lines):
        paths.append(os.path.join(folder, f"{number}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(line)
    start = time.monotonic()
    for path in paths:
        subprocess.run(audit(path, "/dev/null"), check=True)
    return time.monotonic() - start


def measure_together(path, processes):
    """Seconds for so many processes, each with the whole fleet."""
    start = time.monotonic()
    running = [subprocess.Popen(audit(path, "/dev/null")) for _ in range(processes)]
    if any([process.wait() for process in running]):
        raise SystemExit("an audit failed")
    return time.monotonic() - start


# ---- what has to hold ----

def single(line):
    """Of one document: over many lines, so that it is no stream."""
    done = subprocess.run([lab.tool(), "audit", "--input", "-", "--format", "json"], check=True,
                          input=json.dumps(json.loads(line), indent=1).encode(), capture_output=True)
    return json.loads(done.stdout)


def check(path, count):
    lines = head(path, count)
    done = subprocess.run([lab.tool(), "audit", "--input", "-", "--format", "json"], check=True,
                          input="".join(lines).encode(), capture_output=True)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    if reports != [single(line) for line in lines]:
        raise SystemExit("the reports of the stream are not those of its documents")
    print(f"{count} reports of a stream are those of single documents, "
          f"{sum(bool(report['findings']) for report in reports)} with findings")


def report(path, hosts, rounds, folder):
    size = os.path.getsize(path)
    processes = os.cpu_count()
    one = measure_stream(path, rounds)
    together = measure_together(path, processes)
    each = measure_each(head(path, SINGLE), folder)
    per_s = hosts / one.cpu_ms * 1e3
    rows = [["", "snapshots/s", "a core", "MiB/s", "peak MiB"],
            ["stream, 1 process", f"{hosts / one.wall_ms * 1e3:,.0f}", f"{per_s:,.0f}",
             f"{size / one.wall_ms * 1e3 / 2**20:.0f}", f"{one.peak_mib:.1f}"],
            [f"stream, {processes} processes", f"{hosts * processes / together:,.0f}",
             f"{hosts / together:,.0f}", f"{size * processes / together / 2**20:.0f}", ""],
            ["a process each", f"{SINGLE / each:,.0f}", f"{SINGLE / each:,.0f}",
             f"{size / hosts * SINGLE / each / 2**20:.1f}", ""]]
    print(f"\n{hosts:,} snapshots of {size / hosts / 1024:.1f} KiB\n\n{table(rows)}\n")
    met = per_s >= AIM_PER_S
    print(f"- snapshots a second of processor time: {per_s:,.0f}, aim at least {AIM_PER_S:,}: "
          f"{'met' if met else 'MISSED'}")
    return judge("peak memory in MiB", one.peak_mib, PEAK_MIB_MOST) and met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--make", metavar="FILE")
    parser.add_argument("--smoke", action="store_true", help="a handful, so that ctest can run it")
    args = parser.parse_args()
    if args.make:
        make_fleet(args.make, args.hosts)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fleet.ndjson")
        if args.smoke:
            make_fleet(path, 24)
            check(path, 24)
            return 0
        refuse_sanitizers()
        print(machine())
        make_fleet(path, args.hosts)
        check(path, 40)
        return 0 if report(path, args.hosts, args.rounds, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
