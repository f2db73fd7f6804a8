"""What neither this kernel nor another at hand can be made to do: evidence that was recorded where it
happened. replayed.json names, for each such rule, why it cannot be made, the evidence, and evidence of a host
that looks alike and is healthy. Where nobody recorded any, the table says so: the rule is not proved."""
import json
import os

from .report import Report
from .tool import SOURCE, run_tool

LIST = os.path.join(SOURCE, "tests", "lab", "replayed.json")


class Replay:
    name = "replay"

    def __init__(self):
        with open(LIST, encoding="utf-8") as file:
            self.proves = json.load(file)

    def run(self):
        """The outcome, as of a scenario."""
        print("replay:", flush=True)
        rows, wrong = {}, []
        for rule, told in self.proves.items():
            if "evidence" not in told:
                rows[rule] = {"rule": rule, "scenario": "", "severity": "", "why": told["why"], "twin": None}
                continue
            found = audit(told["evidence"]).of(rule)
            twin = audit(told["twin"]).of(rule)
            if not found:
                wrong.append(f"{rule} does not fire on {told['evidence']}")
                continue
            if twin:
                wrong.append(f"{rule} fires on {told['twin']}: {twin[0]['title']}")
            print(f"  {rule}: {found[0]['severity']}, {found[0]['title']}")
            rows[rule] = {"rule": rule, "scenario": self.name, "severity": found[0]["severity"],
                          "owner": told.get("owner", ""), "why": told["why"], "twin": not twin}
        if wrong:
            print("FAILED: " + "\n".join(wrong))
        return {"status": 1 if wrong else 0, "why": "; ".join(wrong), "rows": rows}


def audit(evidence):
    """Of what tcpadvise reads, or of the snapshot within a case of tests/incidents."""
    path = os.path.join(SOURCE, evidence)
    if not evidence.startswith("tests/incidents/"):
        return Report(run_tool("audit", "--format", "json", "--input", path))
    with open(path, encoding="utf-8") as file:
        snapshot = json.dumps(json.load(file)["snapshot"])
    return Report(run_tool("audit", "--format", "json", "--input", "-", stdin=snapshot.encode()))
