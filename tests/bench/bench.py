#!/usr/bin/env python3
"""How much the audit costs, beside `ss` and beside a bare drain of the kernel's socket dump.

bench.py [PART...] [--connections N] [--rounds N] [--smoke]; the exit status is 1 when an aim is missed.

In a fresh network namespace with many sockets the commands take turns, round after round, so that
whatever else the machine does meets all of them; medians are shown. The parts:

  idle     processor time of an audit of the host as it is
  few      200,000 sockets: some destinations with thousands of ports each
  wide     200,000 sockets: every connection a destination of its own, the worst case for memory
  million  820,000 sockets of 82 processes; needs 4 GiB
  growth   what naming the processes costs `ss` as the sockets double; 80,000 take it 9 s, a run

Without a part, the first three are measured. One process of each mix leaks: before anything is
measured the audit has to name it. --smoke takes a handful of sockets through the parts, judges no
speed, and only sees that everything works."""
import argparse
import json
import math
import os
import subprocess
import sys
import time
import typing

import measure
from measure import helper, judge, lab, machine, refuse_sanitizers, run_apart, status_of, table

BENCH_SECONDS = 900
IDLE_ROUNDS = 20
GROWTH_ROUNDS = 3
OLD_SECONDS = 5.5  # CLOSE_WAIT of that age is no burst any more
NONE_SHARED = 500000  # remote addresses: more than connections, so that each gets its own
GROWTH = (2500, 5000, 10000, 20000, 40000)  # connections
GROWTH_END = 820082  # sockets of the part "million"
SQUARE = 4  # what a doubling may cost where each socket is searched for among all: not more is supposed
PORTS = "20000 65535"  # above the farm's listeners; fewer make its connections slow to open

DRAIN, SS, SS_NAMES = "bare drain of the dump", "ss -tan", "ss -tanp"
FULL = "tcpadvise audit --sample 0"
LEAN, BPF, PROC = FULL + " --no-processes", FULL + " --owners bpf", FULL + " --owners proc"


class Mix(typing.NamedTuple):
    connections: int  # two sockets each
    remotes: int      # addresses that the connections share
    leaked: int       # connections that one of the processes leaks
    rounds: int
    aims: str         # of AIMS


# What we want: (what, measured value from a mix's figures, most).
AIMS = {
    "usual": (
        ("wall time without owners / bare drain", lambda f: f[LEAN].wall_ms / f[DRAIN].wall_ms, 1.3),
        ("wall time without owners / ss -tan", lambda f: f[LEAN].wall_ms / f[SS].wall_ms, 0.5),
        ("peak memory without owners, MiB", lambda f: f[LEAN].peak_mib, 16),
    ),
    "million": (
        ("wall time without owners / bare drain", lambda f: f[LEAN].wall_ms / f[DRAIN].wall_ms, 1.2),
        ("wall time with owners by BPF / bare drain", lambda f: f[BPF].wall_ms / f[DRAIN].wall_ms, 2.5),
        ("peak memory with owners by BPF, MiB", lambda f: f[BPF].peak_mib, 32),
    ),
    "none": (),
}
IDLE_CPU_MS = 20

MIXES = {
    "few": Mix(100000, 4, 2000, 11, "usual"),
    "wide": Mix(100000, NONE_SHARED, 2000, 11, "usual"),
    "million": Mix(410000, 4, 2000, 5, "million"),
}
SMOKE = Mix(200, 4, 150, 1, "none")
SMOKE_GROWTH = (100, 200)


# ---- inside of a fresh namespace ----

class Farm:
    """The sockets, while the block lasts."""

    def __init__(self, mix):
        lab.command("ip", "link", "set", "lo", "up")
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
            file.write(PORTS)
        self._process = subprocess.Popen(
            [helper("farm"), str(mix.connections), str(mix.remotes), str(mix.leaked)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        words = self._process.stdout.readline().split()
        assert words[:1] == [b"ready"], "the farm failed"
        self.sockets, self.leaker = map(int, words[1:])
        self.ready_at = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def check_count(sockets):
    """The drain and the tool must both have seen every socket, or comparing them is idle."""
    drained = int(subprocess.run([helper("drain")], capture_output=True, check=True).stdout)
    snapshot = json.loads(lab.run_tool("snapshot", "--sample", "0", "--no-processes"))
    seen = snapshot["namespaces"][0]["sockets"]["total"]
    assert drained == seen == sockets, \
        f"{sockets} sockets were made; the drain saw {drained}, tcpadvise {seen}"


def check_leaker(farm, leaked, owners):
    """The report must name the one process that leaks, with its figure, once it is no burst any more."""
    time.sleep(max(0.0, farm.ready_at + OLD_SECONDS - time.monotonic()))
    report = lab.Report(lab.run_audit("--format", "json", "--sample", "0", "--owners", owners))
    finding = report.the("close-wait-leak", lab.LOUD, f"pid {farm.leaker}")
    assert leaked in [row["value"] for row in finding["evidence"]], finding["evidence"]
    print(f"- by {owners}: {finding['severity']}: {finding['title']}")


def why_no_bpf():
    """None where it works."""
    about = json.loads(lab.run_tool("snapshot", "--sample", "0", "--owners", "bpf"))["collection"]
    return None if about["owners_from"] == "bpf" else about["owners_from_reason"]


def command_of(name):
    """The words to run; a row of a table is named by what it runs."""
    if name == DRAIN:
        return [helper("drain")]
    program, *options = name.split()
    return [lab.tool() if program == "tcpadvise" else program, *options]


def take_turns(names, rounds):
    return measure.measure({name: command_of(name) for name in names}, rounds)


def show(figures):
    rows = [("command", "wall ms", "CPU ms", "peak MiB", "wall / drain", "CPU / drain",
             "wall / ss")]
    for name, f in figures.items():
        rows.append((f"`{name}`" if " -" in name else name, f"{f.wall_ms:.1f}", f"{f.cpu_ms:.1f}",
                     f"{f.peak_mib:.1f}", f"{f.wall_ms / figures[DRAIN].wall_ms:.2f}",
                     f"{f.cpu_ms / figures[DRAIN].cpu_ms:.2f}",
                     f"{f.wall_ms / figures[SS].wall_ms:.2f}"))
    print("\n" + table(rows) + "\n", flush=True)


def judge_all(aims, figures):
    """Whether all are met; what was not measured is not judged, and said to be so."""
    met = True
    for what, value, most in aims:
        try:
            met = judge(what, value(figures), most) and met
        except KeyError as missing:
            print(f"- {what}: not judged, without {missing}")
    return met


def measure_mix(name, mix):
    """All commands beside one farm."""
    with Farm(mix) as farm:
        check_count(farm.sockets)
        print(f"### {name}: {farm.sockets} sockets, medians of {mix.rounds}\n", flush=True)
        no_bpf = why_no_bpf()
        if no_bpf:
            print(f"- no BPF: {no_bpf}")
        owners = ["proc"] if no_bpf else ["bpf", "proc"]
        for source in owners:
            check_leaker(farm, mix.leaked, source)
        names = [FULL + " --owners " + source for source in owners]
        figures = take_turns((DRAIN, SS, LEAN, *names), mix.rounds)
    show(figures)
    assert judge_all(AIMS[mix.aims], figures), "an aim is missed"


def measure_growth_step(_name, mix):
    """One size; the figures go to the process that gathers them."""
    with Farm(mix) as farm:
        figures = take_turns((SS_NAMES, BPF), mix.rounds)
    print(farm.sockets, *(figures[name].wall_ms for name in (SS_NAMES, BPF)))


# ---- outside ----

def enter(work, name, mix, output=None):
    """Does the work in fresh namespaces; what has become of it."""
    return run_apart(__file__, {"TCPADVISE_BENCH": json.dumps([work, name, mix])}, BENCH_SECONDS, output)


def idle_host():
    """Processor time of a whole audit of the host as it is, outside of the namespaces."""
    figures = take_turns((FULL,), IDLE_ROUNDS)[FULL]
    print(f"### This host as it is, median of {IDLE_ROUNDS}\n")
    return judge(f"CPU ms of `{FULL}`", figures.cpu_ms, IDLE_CPU_MS)


def grown(steps):
    """Rows of a table: times, and how much more than for half of the sockets."""
    before = None
    for sockets, *times in steps:
        cells = [f"{sockets:.0f}"]
        for i, ms in enumerate(times):
            cells += [f"{ms:.0f}", f"{ms / before[i]:.2f}" if before else ""]
        before = times
        yield cells


def growth(sizes, rounds):
    steps = []
    for connections in sizes:
        mix = Mix(connections, 4, 0, rounds, "none")
        done = enter("growth", "growth", mix, subprocess.PIPE)
        if done.returncode != 0:
            print(done.stdout.decode())
            return False
        steps.append(tuple(map(float, done.stdout.split())))
    print(f"### growth: wall time as the sockets double, medians of {rounds}\n")
    print(table([("sockets", f"`{SS_NAMES}` ms", "× before", f"`{BPF}` ms", "× before"),
                 *grown(steps)]))
    (_, before, _), (sockets, after, _) = steps[-2:]
    factor = min(after / before, SQUARE)
    minutes = after * factor ** math.log2(GROWTH_END / sockets) / 6e4
    print(f"\nNot measured: at {factor:.2f} × a doubling {SS_NAMES} would take {minutes:.0f} minutes for "
          f"{GROWTH_END} sockets.\n")
    return True


def part(name, options):
    """Whether all went well."""
    if name == "idle":
        return options.smoke or idle_host()
    if name == "growth":
        return growth(*((SMOKE_GROWTH, 1) if options.smoke else (GROWTH, GROWTH_ROUNDS)))
    mix = MIXES[name]
    if options.smoke:
        mix = SMOKE._replace(remotes=mix.remotes)
    mix = mix._replace(connections=options.connections or mix.connections,
                       rounds=options.rounds or mix.rounds)
    return enter("mix", name, mix).returncode == 0


def outside(options):
    lab.check_namespaces()
    if not options.smoke:
        refuse_sanitizers()
    print(machine() + "\n", flush=True)
    met = [part(name, options) for name in options.parts]
    assert all(met), "see above"


def inside(work, name, mix):
    """As the first process of fresh namespaces."""
    {"mix": measure_mix, "growth": measure_growth_step}[work](name, Mix(*mix))


PARTS = ("idle", *MIXES, "growth")
USUAL_PARTS = ("idle", "few", "wide")
SMOKE_PARTS = ("few", "wide", "growth")


def main():
    if "TCPADVISE_BENCH" in os.environ:
        sys.exit(status_of(inside, *json.loads(os.environ["TCPADVISE_BENCH"])))
    parser = argparse.ArgumentParser(description="Measures the audit beside ss.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--connections", type=int, help="two sockets each")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--smoke", action="store_true", help="few sockets, no judgement")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part is called {' or '.join(unknown)}; there are {', '.join(PARTS)}")
    options.parts = options.parts or (SMOKE_PARTS if options.smoke else USUAL_PARTS)
    sys.exit(status_of(outside, options))


if __name__ == "__main__":
    main()
