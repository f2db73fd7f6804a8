"""What the measurements have in common: commands that take turns, tables, aims that are met or missed."""
import os
import statistics
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
import lab  # noqa: E402


def status_of(function, *args):
    """0, 1 or 77, with the reason on standard output."""
    try:
        function(*args)
    except lab.Skip as skip:
        print(f"skipped: {skip}")
        return lab.SKIPPED
    except Exception as error:
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"FAILED: {error}")
        return 1
    return 0


def run_apart(program, environment, seconds, output=None):
    """What has become of this program, run again as the first process of fresh namespaces."""
    return subprocess.run([*lab.unshare_command(), sys.executable, os.path.abspath(program)],
                          env=dict(os.environ, TCPADVISE=lab.tool(), **environment), stdout=output,
                          timeout=seconds, check=False)


def helper(name):
    """A program of this folder, where CMake built it."""
    beside = os.path.join(os.path.dirname(lab.tool()), "bench", name)
    if not os.access(beside, os.X_OK):
        raise SystemExit(f"no {beside}: build with tests")
    return beside


def refuse_sanitizers():
    """The newest build is what is measured; one with sanitizers takes twice the time and four times the memory."""
    with open(lab.tool(), "rb") as program:
        if b"__asan_init" in program.read():
            raise SystemExit(f"{lab.tool()} has sanitizers; for figures: TCPADVISE=build/release/tcpadvise")


def machine():
    """One line about where this is measured; a loaded machine spoils wall times."""
    release = ".".join(os.uname().release.split(".")[:2])
    return (f"{os.cpu_count()} CPUs, kernel {release}, load average {os.getloadavg()[0]:.1f}; "
            + lab.run_tool("--version").decode().strip())


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


def judge(what, value, most):
    met = value <= most
    print(f"- {what}: {value:.2f}, aim at most {most}: {'met' if met else 'MISSED'}")
    return met
