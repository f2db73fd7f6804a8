"""A fault, its cure, and what `tcpadvise diff` says of the two: ports that ran out, and a wider range."""
import errno
import json
import os
import socket
import tempfile

import lab
from port_exhaustion import HIGH, LOW, USABLE, USED, PortExhaustion

WIDE_LOW, WIDE_HIGH = 32768, 60999
WIDE = WIDE_HIGH - WIDE_LOW + 1
RANGE = "net.ipv4.ip_local_port_range"
REFUSED = 7
RULE = "ephemeral-port-exhaustion"


def take(path):
    with open(path, "wb") as file:
        file.write(lab.run_tool("snapshot", "--sample", "300ms"))


def be_refused():
    for _ in range(REFUSED):
        with socket.socket() as client:
            assert client.connect_ex(("10.99.0.1", 9)) == errno.ECONNREFUSED


def compare(before, after, *options, **how):
    return lab.run_tool("diff", before, after, "--skip", lab.rules_of_the_host(), *options, **how)


def the_finding(diff):
    found = [f for f in diff["findings"] if f["rule"] == RULE]
    assert len(found) == 1, found
    return found[0]


class Comparison(PortExhaustion):
    name = "comparison"
    proves = {}

    def prove_fault(self, host):
        self.fault(host)
        with tempfile.TemporaryDirectory() as directory:
            before, after = (os.path.join(directory, name) for name in ("before", "after"))
            take(before)
            host.sysctl(RANGE, f"{WIDE_LOW} {WIDE_HIGH}")
            be_refused()
            take(after)
            self._check_cure(before, after)
            self._check_fault(before, after)
            self._check_text(before, after)
        return {}

    def _check_cure(self, before, after):
        diff = json.loads(compare(before, after, "--format", "json", "--fail-on", "warning"))
        lab.validate(diff, "diff.schema.json")
        finding = the_finding(diff)
        assert finding["change"] == "cleared", finding
        assert str(WIDE) in finding["passed"], finding
        assert {"namespace": finding["scope"]["namespace"], "key": RANGE, "before": [LOW, HIGH],
                "after": [WIDE_LOW, WIDE_HIGH]} in diff["settings"], diff["settings"]
        used = [f for f in diff["figures"] if f["fact"] == "namespaces[].destinations[].ports_used"
                and f["object"]["name"] == "10.99.0.1:5432 from 10.99.0.1"]
        assert [f["before"] for f in used] == [{"value": USED, "limit": USABLE}], used
        assert [f["after"] for f in used] == [{"value": USED, "limit": WIDE}], used
        grown = {c["counter"]: c.get("growth") for c in diff["counters"] if "namespace" in c}
        assert not diff["counters_not_compared"], diff["counters_not_compared"]
        assert grown["Tcp.AttemptFails"] == REFUSED, grown

    def _check_fault(self, before, after):
        """The other way round it is a fault that was made, and the gate closes."""
        diff = json.loads(compare(after, before, "--format", "json", "--fail-on", "warning",
                                  status=2))
        assert the_finding(diff)["change"] == "appeared", the_finding(diff)
        assert diff["counters_not_compared"], "counters ran backwards in time"

    def _check_text(self, before, after):
        text = compare(before, after).decode()
        print(text)
        for words in ("1 cleared", f"{LOW} {HIGH} -> {WIDE_LOW} {WIDE_HIGH}",
                      f"{USED} of {USABLE} -> {USED} of {WIDE} ports"):
            assert words in " ".join(text.split()), f"{words!r} is not in the text"
