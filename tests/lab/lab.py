"""Faults made in fresh namespaces, and what the audit says of them.

A scenario makes one fault with real processes and real sockets, in a network namespace of its
own, and holds it while `tcpadvise` looks. The namespace of processes is fresh too: the audit
sees nobody but the scenario's own processes, and when its first process ends the kernel ends
all the others. Nothing outside is touched, and everything is bounded in count and time.

Each scenario is a file beside this one with subclasses of Scenario. ctest runs the file; a
person runs `tests/lab/run NAME --hold` and looks at the fault from another terminal."""
import functools
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
import traceback

SKIPPED = 77
RUN_SECONDS = 120
HOLD_SECONDS = 3600
TELL_SECONDS = 30
# A timer of the kernel may change something between two looks: so often are they taken again.
LOOKS = 3

SOURCE = os.environ.get("SOURCE") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
LOUD = ("critical", "warning")


class Skip(Exception):
    """The scenario can't be made here; the text says why."""


def tool():
    """The program under test: $TCPADVISE, or what was built last."""
    given = os.environ.get("TCPADVISE")
    built = [os.path.join(SOURCE, "build", preset, "tcpadvise") for preset in ("release", "dev")]
    found = [path for path in ([given] if given else built) if os.access(path, os.X_OK)]
    if not found:
        raise SystemExit("no tcpadvise at " + (given or " or ".join(built)))
    return os.path.abspath(max(found, key=os.path.getmtime))


def run_tool(*args, stdin=b"", status=0):
    """Standard output of one run that must end so, without the rules of whoever runs this."""
    env = dict(os.environ, COLUMNS="80", LC_ALL="C.UTF-8", NO_COLOR="1",
               XDG_CONFIG_HOME=os.path.join(SOURCE, "tests", "lab"))
    done = subprocess.run([tool(), *args], input=stdin, capture_output=True, env=env, timeout=60,
                          check=False)
    if done.returncode != status:
        raise AssertionError(f"tcpadvise {' '.join(args)}: status {done.returncode}\n"
                             + done.stderr.decode(errors="replace"))
    return done.stdout


@functools.lru_cache(maxsize=None)
def rules_of_the_host():
    """The rules about the whole host, its kernel log and its load: what they see is others' doing, too."""
    book = json.loads(run_tool("rules", "list", "--format", "json"))
    return ",".join(rule["id"] for rule in book
                    if rule["scope"] == "host" or "kernel_log" in json.dumps(rule.get("for_each", ""))
                    or "host.pressure" in json.dumps(rule))


def run_audit(*args, **how):
    return run_tool("audit", "--skip", rules_of_the_host(), *args, **how)


class Report:
    """The report document of one audit."""

    def __init__(self, text):
        self.document = json.loads(text)
        self.findings = self.document["findings"]

    def loud(self):
        """Findings of warning or above that this namespace is to blame for: what the whole
        machine suffers from is not the lab's doing."""
        return [f for f in self.findings
                if f["severity"] in LOUD and f["scope"]["kind"] != "host"]

    def the(self, rule, severities, *words):
        """The one finding of a rule that has these words in its scope's object."""
        found = [f for f in self.findings if f["rule"] == rule
                 and all(str(word) in f["scope"]["object"] for word in words)]
        assert len(found) == 1, f"{len(found)} findings of {rule} about {words}, not one"
        assert found[0]["severity"] in severities, \
            f"{rule}: severity {found[0]['severity']}, not {' or '.join(severities)}"
        return found[0]

    def verdict(self):
        """What must not depend on whether the snapshot was saved in between. Figures of the
        whole machine (its open files, its memory) move while the lab stands still: rows about
        the host are compared without their digits, and so are the seconds of an age."""
        rows = [dict(row, part=part) for part in ("findings", "passed", "not_checked")
                for row in self.document[part]]
        texts = (json.dumps(row, indent=1) if is_local(row)
                 else re.sub(r"\d", "#", json.dumps(row, indent=1)) for row in rows)
        return "\n".join(AGE.sub("#", text) for text in texts)

    def __str__(self):
        return "\n".join(f"  {f['severity']:8} {f['rule']} ({f['class']}): {f['title']}\n"
                         f"           {f['scope']} {json.dumps(f['evidence'])}"
                         for f in self.findings) or "  no findings"


AGE = re.compile(r'(?<="value": )[\d.]+(?=,\s+"unit": "s")|(?<=waited for at least )\d+(?= s)')


def is_local(row):
    """Whether a row of the report is about the lab's own namespace."""
    return row["scope"]["kind"] != "host" if "scope" in row else "namespace" in row


def says(finding, value, limit=None):
    """Asserts that the evidence has this number, held against this limit."""
    rows = [(row["value"], row.get("limit")) for row in finding["evidence"]]
    assert any(v == value and (limit is None or l == limit) for v, l in rows), \
        f"{finding['rule']}: no {value}" + (f" of {limit}" if limit else "") + f" in {rows}"


def validate(document, schema_name):
    try:
        import jsonschema
    except ImportError:
        raise Skip("the package python3-jsonschema is not installed")
    path = os.path.join(SOURCE, "rules", "schema", schema_name)
    with open(path, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(document)


class Process:
    """A process of the fault. It runs role(tell, *args) under a name of its own, tells its
    parent JSON values as it gets on, and then stays until it is ended."""

    def __init__(self, name, role, args):
        reader, writer = os.pipe()
        self.name = name
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            self._run(role, args, writer)
        os.close(writer)
        self._reader = os.fdopen(reader)

    def _run(self, role, args, writer):
        def tell(value):
            os.write(writer, (json.dumps(value) + "\n").encode())
        try:
            with open("/proc/self/comm", "w", encoding="utf-8") as file:
                file.write(self.name)
            role(tell, *args)
            while True:
                signal.pause()
        except BaseException:  # whatever it was, the parent must not go on in this child
            traceback.print_exc()
        finally:
            os._exit(1)

    def hear(self):
        """The next value that the process tells."""
        ready, _, _ = select.select([self._reader], [], [], TELL_SECONDS)
        line = self._reader.readline() if ready else ""
        assert line, f"{self.name} ended or said nothing for {TELL_SECONDS} s"
        return json.loads(line)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reader.close()


class Host:
    """The inside of the namespace, from the fault's point of view."""

    def __init__(self):
        self._processes = []
        command("ip", "link", "set", "lo", "up")

    def spawn(self, name, role, *args):
        process = Process(name, role, args)
        self._processes.append(process)
        return process

    def address(self, address):
        """One more address on the loopback device, to be a peer that is not 127.0.0.0/8."""
        command("ip", "address", "add", address, "dev", "lo")

    def sysctl(self, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(str(value))
        except OSError as error:
            raise Skip(f"{name} can't be set here: {error.strerror}")

    def end(self):
        while self._processes:
            self._processes.pop().end()


def command(*args):
    try:
        subprocess.run(args, check=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise Skip(f"the program {args[0]} is not installed")


ESTABLISHED, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE_WAIT = 1, 3, 4, 5, 6, 8  # tcp_states.h


def count(*states):
    """IPv4 sockets of this namespace in these states."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        next(file)
        return sum(int(line.split()[3], 16) in states for line in file)


def wait_until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def allow_files(soft):
    """Sets the soft limit of descriptors of this process."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Scenario:
    name = ""
    # Problem classes that may be reported at warning or above; all others must be silent.
    expected = frozenset()
    # Words that the text report must show at 80 columns.
    words = ()

    def fault(self, host):
        """Makes the fault; returns when it stands."""

    def check(self, report):
        """Asserts what the audit must say."""

    def prove(self):
        report = Report(run_audit("--format", "json", "--sample", "0"))
        print(report)
        validate(report.document, "report.schema.json")
        self.check(report)
        self._check_silence(report)
        # A second sample adds rates; the verdict on a fault that stands must not waver.
        sampled = Report(run_audit("--format", "json", "--sample", "300ms"))
        self.check(sampled)
        self._check_silence(sampled)
        self._check_round_trip()
        self._check_text()

    def _check_silence(self, report):
        noise = [f for f in report.loud() if f["class"] not in self.expected]
        assert not noise, "findings about what is healthy:\n" + "\n".join(
            f"  {f['severity']} {f['rule']}: {f['diagnosis']}" for f in noise)

    def _check_round_trip(self):
        """A snapshot that was saved and read again gives the live verdict, byte for byte."""
        for look in range(LOOKS):
            live = Report(run_audit("--format", "json", "--sample", "0"))
            snapshot = run_tool("snapshot", "--sample", "0")
            saved = Report(run_audit("--format", "json", "--input", "-", stdin=snapshot))
            if look == 0:
                validate(json.loads(snapshot), "snapshot.schema.json")
            if live.verdict() == saved.verdict():
                return
        raise AssertionError("the saved snapshot gives another verdict:\n" + difference(
            live.verdict(), saved.verdict()))

    def _check_text(self):
        text = run_audit("--format", "text", "--sample", "0").decode()
        missing = [word for word in self.words if word not in text]
        assert not missing, f"not in the text report: {missing}\n{text}"


def difference(a, b):
    import difflib
    return "\n".join(difflib.unified_diff(a.splitlines(), b.splitlines(), "live", "saved",
                                          lineterm="", n=2))


def inside(scenario, hold):
    """Runs as the first process of the namespaces."""
    def too_long(_signal, _frame):
        raise TimeoutError(f"{scenario.name} took more than {limit} s")
    limit = HOLD_SECONDS if hold else RUN_SECONDS
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(limit)
    host = Host()
    try:
        scenario.fault(host)
        if hold:
            print(f"{scenario.name} stands, for at most {limit // 60} minutes. "
                  "Press Enter to end it.", flush=True)
            sys.stdin.readline()
        else:
            scenario.prove()
    finally:
        host.end()


def unshare_command():
    command_line = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return command_line if os.geteuid() == 0 else command_line + ["--map-root-user"]


def check_allowed():
    """Skips where the kernel or the container does not let us make namespaces."""
    try:
        done = subprocess.run([*unshare_command(), "true"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
    except FileNotFoundError:
        raise Skip("the package util-linux (unshare) is not installed")
    if done.returncode != 0:
        raise Skip("no namespaces here: " + done.stderr.decode(errors="replace").strip())


def enter(argv, environment, timeout):
    """Runs this program again as the first process of fresh namespaces."""
    with subprocess.Popen([*unshare_command(), sys.executable, *argv],
                          env=dict(os.environ, **environment)) as process:
        if "TCPADVISE_LAB_HOLD" in environment:
            explain_hold(process.pid)
        try:
            return process.wait(timeout)
        except KeyboardInterrupt:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            return 1


def first_child(parent, seconds=5):
    """The process whose parent this is, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == parent:
                        return int(pid)
            except OSError:
                pass
        time.sleep(0.02)
    return None


def explain_hold(unshare_pid):
    pid = first_child(unshare_pid)
    if pid:
        print("Look at it from another terminal:\n"
              f"  nsenter --target {pid} --net --pid --mount {tool()}\n"
              f"  nsenter --target {pid} --net --pid --mount ss -tan", flush=True)


def status_of(function, *args):
    """0, 1 or 77, with the reason on standard output."""
    try:
        function(*args)
    except Skip as skip:
        print(f"skipped: {skip}")
        return SKIPPED
    except Exception as error:
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"FAILED: {error}")
        return 1
    return 0


def main(*scenarios):
    """What a scenario's file calls: [NAME...] [--hold]."""
    by_name = {scenario.name: scenario for scenario in scenarios}
    within = os.environ.get("TCPADVISE_LAB")
    if within:
        hold = "TCPADVISE_LAB_HOLD" in os.environ
        sys.exit(status_of(inside, by_name[within], hold))

    hold = "--hold" in sys.argv[1:]
    names = [arg for arg in sys.argv[1:] if arg != "--hold"] or list(by_name)
    unknown = [name for name in names if name not in by_name]
    if unknown or hold and len(names) != 1:
        sys.exit(f"usage: {sys.argv[0]} [NAME...] | NAME --hold\nscenarios: "
                 + " ".join(by_name))
    sys.exit(max(run_outside(name, hold) for name in names))


def run_outside(name, hold):
    status = status_of(check_allowed)
    if status:
        return status
    print(f"{name}:", flush=True)
    environment = {"TCPADVISE_LAB": name, "TCPADVISE": tool(), "SOURCE": SOURCE}
    if hold:
        environment["TCPADVISE_LAB_HOLD"] = "1"
    timeout = (HOLD_SECONDS if hold else RUN_SECONDS) + 10
    return enter([os.path.abspath(sys.argv[0])], environment, timeout)
