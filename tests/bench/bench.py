#!/usr/bin/env python3
"""How much the audit costs, beside `ss` and beside a bare drain of the kernel's socket dump.

Everything is measured in one run: in a fresh network namespace with many sockets the commands
take turns, round after round, so that whatever else the machine does meets all of them; medians
are shown. Two mixes of sockets: "few" has some destinations with thousands of ports each,
"wide" makes every connection a destination of its own, the worst case for memory.

bench.py [--connections N] [--rounds N] [--smoke]; the exit status is 1 when an aim is missed.
--smoke uses a handful of sockets, judges no speed, and only sees that everything works."""
import argparse
import json
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
import lab  # noqa: E402

BENCH_SECONDS = 900
IDLE_ROUNDS = 20
MIXES = {"few": 4, "wide": None}  # remote addresses; None: as many as connections

DRAIN, SS = "bare drain of the dump", "ss -tan"
LEAN, FULL = "tcpadvise audit --sample 0 --no-processes", "tcpadvise audit --sample 0"

# What we want: (what, measured value from a mix's figures, most).
AIMS = (
    ("wall time / bare drain", lambda f: f[LEAN].wall_ms / f[DRAIN].wall_ms, 1.3),
    ("wall time / ss -tan", lambda f: f[LEAN].wall_ms / f[SS].wall_ms, 0.5),
    ("peak memory, MiB", lambda f: f[LEAN].peak_mib, 16),
)
IDLE_CPU_MS = 20


def helper(name):
    """A program of this folder, where CMake built it."""
    beside = os.path.join(os.path.dirname(lab.tool()), "bench", name)
    if not os.access(beside, os.X_OK):
        raise SystemExit(f"no {beside}: build with tests")
    return beside


class Figures:
    """Medians over the rounds of one command."""

    def __init__(self, runs):
        wall_us, cpu_us, peak_kib = (statistics.median(column) for column in zip(*runs))
        self.wall_ms, self.cpu_ms, self.peak_mib = wall_us / 1e3, cpu_us / 1e3, peak_kib / 1024


def timed(command):
    """(wall_us, cpu_us, peak_kib) of one run."""
    done = subprocess.run([helper("timed"), *command], stdin=subprocess.DEVNULL,
                          capture_output=True, check=True)
    *costs, status = map(int, done.stdout.split())
    if status != 0:
        raise AssertionError(f"{' '.join(command)}: status {status}\n{done.stderr.decode()}")
    return costs


def measure(commands, rounds):
    """{name: Figures}; the commands take turns, after a first turn that does not count."""
    runs = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            costs = timed(command)
            if turn > 0:
                runs[name].append(costs)
    return {name: Figures(costs) for name, costs in runs.items()}


def table(rows):
    """A Markdown table whose first column is text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(row):
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        return "| " + " | ".join(cells) + " |"
    rule = ["-" * widths[0]] + ["-" * (w - 1) + ":" for w in widths[1:]]
    return "\n".join([line(rows[0]), line(rule)] + [line(row) for row in rows[1:]])


def show(figures):
    rows = [("command", "wall ms", "CPU ms", "peak MiB", "wall / drain", "CPU / drain",
             "wall / ss")]
    for name, f in figures.items():
        rows.append((f"`{name}`" if " -" in name else name, f"{f.wall_ms:.1f}", f"{f.cpu_ms:.1f}",
                     f"{f.peak_mib:.1f}", f"{f.wall_ms / figures[DRAIN].wall_ms:.2f}",
                     f"{f.cpu_ms / figures[DRAIN].cpu_ms:.2f}",
                     f"{f.wall_ms / figures[SS].wall_ms:.2f}"))
    print(table(rows) + "\n", flush=True)


def judge(what, value, most):
    met = value <= most
    print(f"- {what}: {value:.2f}, aim at most {most}: {'met' if met else 'MISSED'}")
    return met


def check_count(sockets):
    """The drain and the tool must both have seen every socket, or comparing them is idle."""
    drained = int(subprocess.run([helper("drain")], capture_output=True, check=True).stdout)
    snapshot = json.loads(lab.run_tool("snapshot", "--sample", "0", "--no-processes"))
    seen = snapshot["namespaces"][0]["sockets"]["total"]
    assert drained == seen == sockets, \
        f"{sockets} sockets were made; the drain saw {drained}, tcpadvise {seen}"


def mix(name, connections, remotes, rounds):
    """Figures of all commands beside one farm."""
    commands = {
        DRAIN: [helper("drain")],
        SS: ["ss", "-tan"],
        LEAN: [lab.tool(), "audit", "--sample", "0", "--no-processes"],
        FULL: [lab.tool(), "audit", "--sample", "0"],
    }
    with subprocess.Popen([helper("farm"), str(connections), str(remotes)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as farm:
        words = farm.stdout.readline().split()
        assert words[:1] == [b"ready"], "the farm failed"
        sockets = int(words[1])
        check_count(sockets)
        print(f"### {name}: {sockets} sockets, medians of {rounds}\n", flush=True)
        figures = measure(commands, rounds)
        show(figures)
        farm.stdin.close()
    return figures


def inside(options):
    """Measures one mix, as the first process of fresh namespaces."""
    name = os.environ["TCPADVISE_BENCH"]
    lab.command("ip", "link", "set", "lo", "up")
    figures = mix(name, options.connections, MIXES[name] or options.connections, options.rounds)
    if not options.smoke:
        met = [judge(what, value(figures), most) for what, value, most in AIMS]
        print(flush=True)
        assert all(met), "an aim is missed"


def idle_host(rounds):
    """Processor time of a whole audit of the host as it is, outside of the namespace."""
    figures = measure({FULL: [lab.tool(), "audit", "--sample", "0"]}, rounds)[FULL]
    print(f"### This host as it is, median of {rounds}\n")
    return judge(f"CPU ms of `{FULL}`", figures.cpu_ms, IDLE_CPU_MS)


def machine():
    """One line about where this is measured; a loaded machine spoils wall times."""
    release = ".".join(os.uname().release.split(".")[:2])
    return (f"{os.cpu_count()} CPUs, kernel {release}, load average {os.getloadavg()[0]:.1f}; "
            + lab.run_tool("--version").decode().strip())


def outside(options):
    lab.check_allowed()
    print(machine() + "\n")
    met = options.smoke or idle_host(IDLE_ROUNDS)
    print(flush=True)
    for name in MIXES:
        environment = {"TCPADVISE_BENCH": name, "TCPADVISE": lab.tool()}
        status = lab.enter([os.path.abspath(__file__), *sys.argv[1:]], environment, BENCH_SECONDS)
        met = met and status == 0
    assert met, "see above"


def main():
    parser = argparse.ArgumentParser(description="Measures the audit beside ss.")
    parser.add_argument("--connections", type=int, default=100000, help="two sockets each")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--smoke", action="store_true", help="few sockets, no judgement")
    options = parser.parse_args()
    if options.smoke:
        options.connections, options.rounds = 200, 1
    within = "TCPADVISE_BENCH" in os.environ
    sys.exit(lab.status_of(inside if within else outside, options))


if __name__ == "__main__":
    main()
