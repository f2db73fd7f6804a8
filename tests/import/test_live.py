#!/usr/bin/python3
"""What a person would paste gives the verdict that the live audit gives.

In the namespaces of tests/lab, each with its fault, the audit looks, and the tools that people use are run
beside it: ss, netstat, nstat, sysctl, conntrack, dmesg, cat of /proc. What they print is handed to
`tcpadvise audit --input` as one paste with prompts, as a directory, as an archive of it, as pieces of the
paste (ss alone, netstat alone, /proc alone), and as the report that sos makes in the namespace.

Findings are alike when they have the same rule, class, severity, and kind and object of their scope. Of each
capture has to hold:

1. Nothing new: each finding of the capture is like one of the live audit's.
2. Nothing lost in silence: to each finding of the live audit one of the capture is like it, or the capture's
   not_checked names the rule; and its class is not ruled out without a word that something was not checked.
3. What the capture shows is found: the whole gives all findings of the live audit, a piece those of SHOWN.

Three things no capture tells, and each makes a finding take another form, which is held to be alike, too:
who holds the sockets (COUNTERPARTS: /proc/net/tcp has no process, and netstat has the name of the command
line instead of the process's own, so there the number of the process is compared), that this is a container
(CONTAINER), and, in a piece, how long the counters have been counting (SINCE_BOOT: severity "warning" for
"info").

Rules about the whole host are left out, as in the lab: others change what they see."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

LAB = os.path.join(os.environ["SOURCE"], "tests", "lab")
sys.path[:0] = [LAB, os.path.join(LAB, "scenarios")]
import accept_queue  # noqa: E402
import close_wait_leak  # noqa: E402
import fin_wait2  # noqa: E402
import half_open  # noqa: E402
import healthy  # noqa: E402
import lab  # noqa: E402
import nofile  # noqa: E402
import port_exhaustion  # noqa: E402

STANDS_S = 5.5  # a CLOSE_WAIT that is younger than 5 s may be a burst
TABLES = ("tcp", "tcp6", "netstat", "snmp", "sockstat", "sockstat6", "softnet_stat", "dev")
PIECES = {
    "ss": ("ss -s", "ss -tanp", "ss -ltnp", "ss -tanpeoim"),
    "netstat": ("netstat -antp", "netstat -s"),
    "proc": tuple(f"cat /proc/net/{name}" for name in TABLES),
}
OTHERS = ("nstat -az", "sysctl -a", "conntrack -S", "conntrack -C", "dmesg -T", "uname -a", "uptime", "date")
SOS_PLUGINS = "networking,kernel,process,host,processor"

LEAKS = {"close-wait-leak", "close-wait-client-pool", "fin-wait-2-held"}
SHOWN = {
    "ss": LEAKS | {"accept-queue-overflow", "syn-recv-pile"},
    "netstat": LEAKS | {"listen-overflows-total"},
    "proc": LEAKS | {"listen-overflows-total"},
    "sos": LEAKS | {"listen-overflows-total", "ephemeral-port-exhaustion", "ephemeral-range-narrow", "time-wait-normal"},
}
COUNTERPARTS = {
    "close-wait-leak": "close-wait-unowned",
    "close-wait-client-pool": "close-wait-unowned",
    "fin-wait-2-held": "fin-wait-2-unowned",
}
CONTAINER = {"somaxconn-container": ("somaxconn-low", "accept_queue_overflow")}
SINCE_BOOT = {"listen-overflows-total"}


# ---- the captures ----

def processes():
    """Commands that show the limits and descriptors of each process of the lab."""
    for pid in sorted(map(int, filter(str.isdigit, os.listdir("/proc")))):
        if pid not in (1, os.getpid()):
            yield f"cat /proc/{pid}/limits"
            yield f"ls /proc/{pid}/fd | wc -l"


def output_of(command):
    """What a terminal would have shown: standard error is among it."""
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env=dict(os.environ, LC_ALL="C"), check=False)
    return done.stdout.decode(errors="replace")


def paste(outputs):
    return "".join(f"root@db1:~# {command}\n{output}" for command, output in outputs.items())


def file_name(command):
    """As somebody would name it who collects files."""
    if command.startswith("cat /"):
        return command.removeprefix("cat /")
    return command.replace(" ", "_") + ".txt"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def captures(outputs, directory):
    """Each capture's name and path."""
    yield "whole", write(f"{directory}/whole.txt", paste(outputs))
    for name, commands in PIECES.items():
        yield name, write(f"{directory}/{name}.txt", paste({c: outputs[c] for c in commands}))
    # A count that nothing but its command line explains needs that beside it.
    counts = {command: output for command, output in outputs.items() if "|" in command}
    write(f"{directory}/files/descriptors.txt", paste(counts))
    for command in outputs.keys() - counts.keys():
        write(f"{directory}/files/{file_name(command)}", outputs[command])
    yield "directory", f"{directory}/files"
    with tarfile.open(f"{directory}/files.tar.gz", "w:gz") as tar:
        tar.add(f"{directory}/files", "db1")
    yield "archive", f"{directory}/files.tar.gz"


def sos_report(directory):
    subprocess.run(["sos", "report", "--batch", "--only-plugins", SOS_PLUGINS, "--tmp-dir", directory],
                   capture_output=True, timeout=100, check=True)
    (report,) = glob.glob(f"{directory}/sosreport*.tar.xz")
    return report


# ---- the verdicts ----

def audit(*arguments):
    return json.loads(lab.run_audit("--format", "json", *arguments))


def judged(path):
    """The audit of a capture; None in a build that reads no archives."""
    try:
        return audit("--input", path)
    except AssertionError as error:
        if "built without libarchive" in str(error):
            return None
        raise


def forms(finding, capture):
    """The findings that this one may be in the capture, as what they are compared by."""
    scope = finding["scope"]
    where = (scope["kind"], scope["object"])
    if scope["kind"] == "process" and capture in ("netstat", "sos"):
        where = ("process", re.search(r"\(pid \d+\)", scope["object"])[0])
    rule, class_, severity = (finding[member] for member in ("rule", "class", "severity"))
    yield rule, class_, severity, *where
    if capture == "proc" and rule in COUNTERPARTS:
        yield COUNTERPARTS[rule], class_, severity, "namespace", "current"
    if rule in CONTAINER:
        yield *CONTAINER[rule], severity, *where
    if rule in SINCE_BOOT and capture in PIECES:
        yield rule, class_, "warning", *where


def mistakes(live, captured, capture):
    known = {next(forms(finding, capture)) for finding in captured["findings"]}
    alike = set()
    unchecked = {row["rule"] for row in captured["not_checked"]}
    ruled_out = {row["class"] for row in captured["ruled_out"] if not row["not_checked"]}
    for finding in live["findings"]:
        possible = list(forms(finding, capture))
        alike.update(possible)
        if known.intersection(possible):
            continue
        yield from lost(finding, capture, {form[0] for form in possible} & unchecked)
        if finding["class"] in ruled_out:
            yield f"{finding['class']} is ruled out, yet there is {finding['rule']}"
    for form in sorted(known - alike):
        yield f"only here: {form}"


def lost(finding, capture, unchecked):
    rule = finding["rule"]
    if rule in SHOWN.get(capture, {rule}):
        yield f"not found: {rule}: {finding['title']}"
    elif not unchecked:
        yield f"lost in silence: {rule}: {finding['title']}"


class Captured(lab.Scenario):
    """Instead of the lab's own proof."""
    proves = {}
    sos = False

    def prove_fault(self, host):
        self.fault(host)
        if lab.count(lab.CLOSE_WAIT):
            time.sleep(STANDS_S)
        with tempfile.TemporaryDirectory(prefix="tcpadvise-live-") as directory:
            live = audit("--sample", "0")
            self.check(lab.Report(json.dumps(live)))
            commands = [c for piece in PIECES.values() for c in piece] + [*OTHERS, *processes()]
            outputs = {command: output_of(command) for command in commands}
            made = list(captures(outputs, directory))
            if self.sos:
                made.append(("sos", sos_report(directory)))
            verdicts = {name: judged(path) for name, path in made}
        wrong = [f"{name}: {mistake}" for name, verdict in verdicts.items() if verdict
                 for mistake in mistakes(live, verdict, name)]
        print(f"  {len(live['findings'])} findings, in", *verdicts)
        assert not wrong, "\n  ".join(["captures and the live audit differ:", *wrong])
        return {}


def captured(scenario, sos=False):
    members = {"sos": sos} | ({"check": lambda self, report: None} if scenario is healthy.Healthy else {})
    return type(scenario.__name__, (Captured, scenario), members)()


def main():
    missing = [tool for tool in ("ss", "netstat", "nstat", "sysctl", "conntrack", "sos") if not shutil.which(tool)]
    if missing or os.geteuid():
        print("skipped:", "no " + ", ".join(missing) if missing else "only root sees all that the tools show")
        return lab.SKIPPED
    made = [captured(accept_queue.ProgramBinds), captured(accept_queue.SomaxconnBinds),
            captured(close_wait_leak.CloseWaitLeak, sos=True), captured(close_wait_leak.ClientPoolLeak),
            captured(fin_wait2.FinWait2), captured(half_open.HalfOpen), captured(nofile.Nofile),
            captured(port_exhaustion.PortExhaustion, sos=True), captured(healthy.Healthy), captured(healthy.Empty)]
    within = [scenario for scenario in made if scenario.name == os.environ.get("TCPADVISE_LAB")]
    if within:
        return lab.run_inside(within[0])
    return lab.worst(scenario.run()["status"] for scenario in made)


if __name__ == "__main__":
    sys.exit(main())
