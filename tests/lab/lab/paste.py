"""A scenario that is told of: what a person would paste into a ticket."""
import subprocess

from .scenario import Scenario
from .tool import run_tool


class Paste(Scenario):
    """The audit reads, instead of the machine, the output of commands typed in it and what its programs logged."""

    # What the person looks at besides the log.
    commands = ()

    def log(self):
        """What the programs have written by now."""
        raise NotImplementedError

    def audit(self, *more, form="json", sample=None, stdin=b""):
        outputs = (f"# {line}\n".encode() + subprocess.run(["sh", "-c", line], check=True, capture_output=True).stdout
                   for line in self.commands)
        text = b"".join(outputs) + self.log().encode()
        return run_tool("audit", "--format", form, "--input", "-", *self.options, *more, stdin=text)
