"""A fix that sets something is carried out by the tool: planned, applied and verified, and when it has been measured
taken back. Then everything is as it was, held against all the settings that there are."""
import json
import os

from . import machine
from .tool import run_tool

FOLDER = "/proc/sys/net"
OF_KERNEL = ("/proc/sys/fs", "/proc/sys/kernel")
# What a kernel counts, or draws anew at each look.
MOVES = ("net.netfilter.nf_conntrack_count", "fs.file-nr", "fs.inode-", "fs.dentry-state", "fs.aio-nr",
         "kernel.ns_last_pid", "kernel.pty.nr", "kernel.random.", "kernel.tainted")
# Two names of one value.
ALIASES = {"net.netfilter.nf_conntrack_max": "net.nf_conntrack_max"}
LOOKS = 3
BETTER = ("cleared", "eased")


def settings_of(host):
    """All that can be read but what each interface has of its own, {key: text}. Of a kernel that others use, what belongs to the network namespace and
    cannot be changed by others."""
    folders = (FOLDER, *OF_KERNEL) if os.environ["TCPADVISE_LAB_MACHINE"] == machine.OWN_KERNEL else (FOLDER,)
    text = host.run("sh", "-c", f"grep -rs --exclude-dir=conf '' {' '.join(folders)} || :")
    rows = (line.partition(":") for line in text.splitlines())
    settings = {path[len("/proc/sys/"):].replace("/", "."): " ".join(value.split()) for path, _, value in rows}
    return {key: value for key, value in settings.items() if not key.startswith(MOVES)}


def changed(before, after):
    return {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def put_back(host, settings):
    """Sets what differs as it was; what has come since, with a device, stays."""
    for key, value in changed(settings_of(host), settings).items():
        if value is not None:
            host.sysctl(key, value)


def set_by(record, member):
    """{key: value} of what a record says was there ("old") or is to be there ("new")."""
    values = {action["key"]: " ".join(action[member].split())
              for action in record["actions"] if action["kind"] == "sysctl"}
    values.update({ALIASES[key]: value for key, value in list(values.items()) if key in ALIASES})
    return values


def rules_of(record):
    """The rules that its actions are for."""
    return {why["rule"] for action in record["actions"] for why in action.get("why", ())}


class Changes:
    """What the tool has applied on the hosts of a scenario."""

    def __init__(self):
        self.begin((), ())

    def begin(self, look, better):
        """look: options by which the audit looks. better: the rules whose findings the setting alone must better."""
        self.look = look
        self.better = better
        self._applied = []
        self.taken_back = []

    def _tool(self, host, verb, *args):
        return json.loads(run_tool(verb, "--format", "json", *args, before=host.enter))

    def apply(self, host, fix):
        wanted = fix["settings"]
        if any(wanted.items() <= set_by(record, "new").items() for _, record in self._applied):
            print(f"  stands already: {wanted}")
            return
        machine.keep_state_apart()
        how = ("--only", ",".join(fix["rules"]), "--min-severity", "info", *self.look)
        self._check_plan(self._plan(host, how, fix), fix)
        for _ in range(LOOKS):
            record = self._apply_once(host, how, wanted)
            if fix["rule"] in rules_of(record):
                return
            print("  what comes and goes was not seen by this look: once more")
            self._take_back_newest()
        raise AssertionError(f"{fix['rule']} was not seen when its fix was applied: {record}")

    def _apply_once(self, host, how, wanted):
        before = settings_of(host)
        record = self._tool(host, "apply", "--yes", "--settle", "0", "--quiet", *how)
        after = settings_of(host)
        print(f"  applied, change {record['id']}: {set_by(record, 'new')}")
        assert record["state"] == "applied", record
        assert wanted.items() <= set_by(record, "new").items(), f"not set: {wanted}: {record}"
        assert changed(before, after) == changed(set_by(record, "old"), set_by(record, "new")), \
            f"set: {changed(before, after)}: {record}"
        self._applied.append((host, record))
        self._check_effects(record)
        return record

    def _plan(self, host, how, fix):
        """What comes and goes may not be seen at the first look."""
        for _ in range(LOOKS):
            plan = self._tool(host, "plan", *how)
            if fix["rule"] in rules_of({"actions": plan["changes"]}):
                break
        return plan

    @staticmethod
    def _check_plan(plan, fix):
        """It has the settings of the fix, and says them for a shell as the report does."""
        changes = {change["key"]: change for change in plan["changes"] if change["key"] in fix["settings"]}
        lines = [line for change in changes.values() for line in change["commands"]["shell"]]
        assert {key: change["new"] for key, change in changes.items()} == fix["settings"], \
            f"planned: {plan['changes']}: {fix}"
        assert not [change for change in changes.values() if "refused" in change], f"refused: {plan['changes']}"
        assert set(lines) <= set(fix["commands"]["shell"]), f"the plan prints {lines}, the report {fix['commands']}"

    def _check_effects(self, record):
        """The tool says that it helped: the findings are gone or milder; and it speaks of each."""
        seen = {(effect["rule"], effect["change"]) for effect in record["effects"]}
        print("    " + ", ".join(f"{rule} {change}" for rule, change in sorted(seen)))
        left = {(rule, change) for rule, change in seen
                if change == "worsened" or rule in self.better and change not in BETTER}
        assert not left, f"applied, and not better: {left}"
        assert {rule for rule, _ in seen} == rules_of(record), f"it speaks of {seen}, and meant {rules_of(record)}"

    def take_back(self):
        """The newest first; then the settings are as before, and nothing else has moved."""
        while self._applied:
            self._take_back_newest()

    def _take_back_newest(self):
        host, record = self._applied.pop()
        before = settings_of(host)
        reverted = self._tool(host, "revert", str(record["id"]))
        after = settings_of(host)
        assert reverted["state"] == "reverted", reverted
        assert {action["outcome"] for action in reverted["actions"]} == {"restored"}, reverted
        assert changed(before, after) == changed(set_by(record, "new"), set_by(record, "old")), \
            f"taken back: {changed(before, after)}: {record}"
        print(f"  taken back, change {record['id']}")
        self._note(record)

    def _note(self, record):
        for action in record["actions"]:
            if action["kind"] == "sysctl":
                self.taken_back += [(why["rule"], action["key"]) for why in action["why"]]
