"""A scenario that is told of: what a person would paste into a ticket."""
import json

from .host import command
from .scenario import Scenario
from .tool import run_tool


class Paste(Scenario):
    """The audit reads, instead of the machine, what its programs logged and what commands print."""

    commands = ()

    def log(self):
        """What the programs have written by now."""
        raise NotImplementedError

    def text(self):
        outputs = (f"# {line}\n".encode() + command("sh", "-c", line).encode() for line in self.commands)
        return self.log().encode() + b"\n" + b"".join(outputs)

    def audit(self, *more, form="json", sample=None, stdin=b""):
        return run_tool("audit", "--format", form, "--input", "-", *self.options, *more, stdin=self.text())

    def is_unread(self, row):
        """A log never rules out that there was more than it says; what it says is read all the same."""
        snapshot = json.loads(run_tool("snapshot", "--input", "-", stdin=self.text()))
        reported = snapshot.get("reported", {})
        return row["missing"] != ["reported"] or not (reported.get("errors") or reported.get("requests"))
