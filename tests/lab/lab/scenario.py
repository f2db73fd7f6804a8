"""What a scenario is, and how it is proved."""
import difflib
import json
import os
import signal
import subprocess
import sys
import traceback

from . import machine
from .change import put_back, settings_of
from .host import Host
from .report import Report
from .tool import Skip, rules_of_the_host, run_tool, tool, validate

RUN_SECONDS = 120
HOLD_SECONDS = 3600
SKIPPED = 77
# A timer of the kernel may change something between two looks: so often are they taken again.
LOOKS = 3


class Scenario:
    """One fault, its cure and its healthy look-alike. Subclasses set what is not as here."""

    name = ""
    machine = machine.NAMESPACES
    # A kernel of one's own gets a network device, vec0, from which nobody takes a packet (cable.py).
    cable = False
    # {rule: severity}: the rules that this fault must make fire, and the cure and the twin silence.
    # Several severities that may be right: "critical|warning".
    proves = {}
    # Words that name who causes it, which each of these findings must have: for all rules, or {rule: words}.
    owner = ()
    # Problem classes that may be reported at warning or above beside those of the proved rules: by the fault, by
    # the twin.
    beside = frozenset()
    twin_beside = frozenset()
    # Words that the text report must show at 80 columns.
    words = ()
    # The window of the audit: rules about rates need one.
    sample = "300ms"
    # Nothing moves while the fault stands: a snapshot that was saved and read again gives the same verdict.
    steady = False
    # What measure() gives, and whether it must fall or rise by the cure.
    measured = ""
    more_is_better = False
    # {rule: reason}: findings that a cure rightly leaves, milder, or as a note where they were notes: e.g. of what
    # was counted since boot.
    remains = {}
    # {rule: reason}: findings that are as before when the tool has applied the setting, and go with what cure() does
    # then, such as a program that is started anew.
    later = {}
    # Options of the audit, e.g. parameters that a user would set.
    options = ()
    # The rules say that nothing is wrong. There is nothing to cure then, and what measure() gives must be 0.
    harmless = False

    def fault(self, host):
        """Makes the fault; returns when it stands."""
        raise NotImplementedError

    def check(self, report):
        """Asserts what else the audit must say: figures, the wording that matters."""

    def measure(self, host):
        """What a user of the host suffers or gets, as a number."""
        raise NotImplementedError

    def cure(self, host, report):
        """Applies a fix that the report prints (report.fix(), host.apply()), and that only."""
        raise NotImplementedError

    def twin(self, host):
        """What looks like the fault and is healthy."""
        raise NotImplementedError

    def run(self):
        """Both phases, each in a machine of its own: the outcome, {"status", "why", "rows"}."""
        print(f"{self.name}:", flush=True)
        outcome = run_phase(self, "fault", False)
        if outcome["status"] == 0 and self.proves:
            twin = run_phase(self, "twin", False)
            for row in outcome["rows"].values():
                row["twin"] = twin["status"] == 0
            outcome.update(status=twin["status"], why=twin["why"])
        if outcome["status"]:
            print(("skipped: " if outcome["status"] == SKIPPED else "FAILED: ") + outcome["why"], flush=True)
        return outcome

    # ---- how it is proved ----

    def audit(self, *more, form="json", sample=None, stdin=b""):
        shared = self.machine == machine.NAMESPACES
        skip = ("--skip", rules_of_the_host(tuple(self.proves))) if shared else ()
        look = () if "--input" in more else ("--sample", sample or self.sample)
        return run_tool("audit", "--format", form, *look, *skip, *self.options, *more, stdin=stdin)

    def prove_fault(self, host):
        host.changes.begin(("--sample", self.sample, *self.options),
                           self.proves.keys() - self.later.keys() - self.remains.keys())
        self.fault(host)
        report = Report(self.audit())
        print(report)
        if self.machine == machine.NAMESPACES:  # the other takes a second to read the library for it
            validate(report.document, "report.schema.json")
        self._check_claims(report)
        self.check(report)
        self._check_silence(report, self.beside | {f["class"] for f in report.findings if f["rule"] in self.proves})
        self._check_text()
        if self.steady:
            self._check_round_trip()
        rows = {rule: self._row(rule) for rule in self.proves}
        if self.harmless:
            self._measure_harm(host, report, rows)
        elif self.proves:
            self._cure(host, report, rows)
        return rows

    def prove_twin(self, host):
        self.twin(host)
        report = Report(self.audit())
        print("twin:\n" + str(report))
        wrong = [f for f in report.findings if f["rule"] in self.proves]
        assert not wrong, "the healthy twin is accused: " + "; ".join(
            f"{f['rule']} ({f['severity']}): {f['title']}" for f in wrong)
        unread = [row for row in report.document["not_checked"] if row["rule"] in self.proves and self.is_unread(row)]
        assert not unread, f"the twin was not checked, so its silence means nothing: {unread}"
        self._check_silence(report, self.twin_beside)
        return {}

    def is_unread(self, row):
        """Whether a check that the report lists as not done was not done at all."""
        return True

    def owner_of(self, rule):
        return self.owner.get(rule, ()) if isinstance(self.owner, dict) else self.owner

    def _check_claims(self, report):
        for rule, severities in self.proves.items():
            found = [f for f in report.of(rule) if f["severity"] in severities.split("|")]
            assert found, f"{rule} does not fire as {severities}:\n{report}"
            for word in self.owner_of(rule):
                assert any(word in json.dumps(f, ensure_ascii=False) for f in found), \
                    f"{rule} does not name {word!r}: {found}"

    def _check_silence(self, report, allowed):
        noise = [f for f in report.loud(self.machine == machine.OWN_KERNEL) if f["class"] not in allowed]
        assert not noise, "findings about what is healthy:\n" + "\n".join(
            f"  {f['severity']} {f['rule']} ({f['class']}): {f['diagnosis']}" for f in noise)

    def _check_text(self):
        if self.words:
            text = self.audit(form="text").decode()
            missing = [word for word in self.words if word not in text]
            assert not missing, f"not in the text report: {missing}\n{text}"

    def _check_round_trip(self):
        """A snapshot that was saved and read again gives the live verdict, byte for byte."""
        for look in range(LOOKS):
            live = Report(self.audit(sample="0"))
            snapshot = run_tool("snapshot", "--sample", "0")
            saved = Report(self.audit("--input", "-", stdin=snapshot))
            if look == 0:
                validate(json.loads(snapshot), "snapshot.schema.json")
            if live.verdict() == saved.verdict():
                return
        raise AssertionError("the saved snapshot gives another verdict:\n" + "\n".join(difflib.unified_diff(
            live.verdict().splitlines(), saved.verdict().splitlines(), "live", "saved", lineterm="", n=2)))

    def _cure(self, host, report, rows):
        before = self.measure(host)
        self.cure(host, report)
        after = self.measure(host)
        print(f"  {self.measured}: {before} -> {after}")
        assert after > before if self.more_is_better else after < before, \
            f"the cure does not help: {self.measured}: {before} -> {after}"
        cured = Report(self.audit())
        print("cured:\n" + str(cured))
        left = [f for f in cured.findings if f["rule"] in self.proves
                and not (f["rule"] in self.remains and is_milder(f, report))]
        assert not left, "the cure leaves: " + "; ".join(f"{f['rule']}: {f['title']}" for f in left)
        assert report.used, "cured by something that the report does not print"
        host.changes.take_back()
        for rule, row in rows.items():
            row["taken_back"] = host.changes.taken_back
            row.update(cure=cure_of(rule, report.used), measured=self.measured, before=before, after=after)

    def _measure_harm(self, host, report, rows):
        harm = self.measure(host)
        print(f"  {self.measured}: {harm}")
        assert harm == 0, f"called harmless: {self.measured}: {harm}"
        for rule, row in rows.items():
            row.update(cure=describe(report.fix(rule, "none")), measured=self.measured, before=harm, after=harm)

    def _row(self, rule):
        return {"rule": rule, "scenario": self.name, "severity": self.proves[rule].replace("|", " or "),
                "owner": " ".join(self.owner_of(rule)), "remains": self.remains.get(rule, "")}


class Together(Scenario):
    """Small scenarios one after the other on one host, which is quicker than a machine for each: each must leave
    the host as healthy as it found it. By its name each can still be run, and held, alone."""

    members = ()

    def __init__(self):
        self.all = [member() for member in self.members]
        self.proves = {rule: severity for scenario in self.all for rule, severity in scenario.proves.items()}

    def prove_fault(self, host):
        rows = {}
        for scenario in self.all:
            print(f" {scenario.name}:", flush=True)
            healthy = settings_of(host)
            rows.update((f"{scenario.name} {rule}", row) for rule, row in scenario.prove_fault(host).items())
            put_back(host, healthy)
        return rows

    def twin(self, host):
        for scenario in self.all:
            scenario.twin(host)


def is_milder(finding, report):
    levels = ("info", "warning", "critical")
    before = max(levels.index(f["severity"]) for f in report.of(finding["rule"]))
    return levels.index(finding["severity"]) < max(before, 1)


def cure_of(rule, used):
    """The fixes that were taken from this rule's findings; where none was, whose cured it."""
    own = [describe(fix) for asked, fix in used if asked == rule]
    others = ", ".join(dict.fromkeys(asked for asked, _ in used))
    return "; ".join(dict.fromkeys(own)) or f"as {others} says"


def describe(fix):
    """A fix in one line: what was typed, or what it tells to change in a program."""
    lines = [f"{key}={value}" for key, value in fix.get("settings", {}).items()]
    return fix["title"] + (f" ({', '.join(lines)})" if lines else "")


# ---- inside of the machine ----

def too_long(_signal, _frame):
    raise TimeoutError("the scenario took too long")


def inside(scenario, phase, hold):
    """Runs as the first process of the machine: the outcome, {"status", "why", "rows"}."""
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(HOLD_SECONDS if hold else RUN_SECONDS)
    host = None
    try:
        machine.prepare()
        host = Host()
        if hold:
            (scenario.twin if phase == "twin" else scenario.fault)(host)
            wait_for_person(scenario)
            return {"status": 0, "why": "", "rows": {}}
        prove = scenario.prove_twin if phase == "twin" else scenario.prove_fault
        return {"status": 0, "why": "", "rows": prove(host)}
    except Skip as skip:
        return {"status": SKIPPED, "why": str(skip), "rows": {}}
    except Exception as error:
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        return {"status": 1, "why": str(error) or repr(error), "rows": {}}
    finally:
        if host:
            host.end()


def wait_for_person(scenario):
    if scenario.machine == machine.OWN_KERNEL:
        print(f"{scenario.name} stands in a kernel of its own. This is a shell in it; exit ends it. Look with\n"
              f"  {tool()}\n  ss -tan", flush=True)
        subprocess.run(["setsid", "--ctty", "--wait", "sh", "-i"], check=False)
    else:
        print(f"{scenario.name} stands, for at most {HOLD_SECONDS // 60} minutes. Press Enter to end it.",
              flush=True)
        sys.stdin.readline()


def run_inside(scenario):
    outcome = inside(scenario, os.environ["TCPADVISE_LAB_PHASE"], "TCPADVISE_LAB_HOLD" in os.environ)
    machine.hand_back(outcome)
    machine.leave()
    return outcome["status"]


# ---- outside ----

def run_phase(scenario, phase, hold):
    try:
        machine.CHECKS[scenario.machine]()
    except Skip as skip:
        return {"status": SKIPPED, "why": str(skip), "rows": {}}
    environment = {"TCPADVISE_LAB": scenario.name, "TCPADVISE_LAB_FILE": type(scenario).__module__,
                   "TCPADVISE_LAB_PHASE": phase}
    if hold:
        environment["TCPADVISE_LAB_HOLD"] = "1"
    if scenario.cable:
        environment["TCPADVISE_LAB_CABLE"] = "1"
    timeout = (HOLD_SECONDS if hold else RUN_SECONDS) + 10
    return machine.run(scenario.machine, environment, timeout, hold) \
        or {"status": 1, "why": f"the {phase} ended without an outcome", "rows": {}}


def worst(statuses):
    """A failure outweighs a skip."""
    return max(statuses, key=lambda status: (status == 1, status), default=0)
