"""A backlog for packets between device and stack that somebody made too short for the bursts of a veth: they
are dropped inside of the host, and TCP crawls. Rounds of receiving that end early, and nothing is lost."""
import re
import select
import socket

import lab

HERE, THERE, PORT = "10.6.0.1", "10.6.0.2", 80
LIMIT = "net.core.netdev_max_backlog"
SHORT = 20
BLOCK = bytes(1 << 18)


def backup_server(tell):
    listener = socket.create_server((THERE, PORT), backlog=16)
    tell("listening")
    connections = {listener}
    while True:
        for ready in select.select(connections, [], [])[0]:
            if ready is listener:
                connections.add(listener.accept()[0])
            elif not ready.recv(1 << 20):
                connections.remove(ready)
                ready.close()


def backup(tell):
    with socket.create_connection((THERE, PORT)) as connection:
        tell("sending")
        while True:
            connection.sendall(BLOCK)


def sent_again():
    """Segments, within a second."""
    return lab.growth("Tcp.RetransSegs")


class Backlog(lab.Scenario):
    name = "softnet_backlog"
    machine = lab.OWN_KERNEL
    proves = {"softnet-backlog-drops": "critical|warning"}  # about 1 % are dropped
    beside = {"softnet_backlog_drops", "not_kernel_tunable"}  # what is lost is missing everywhere
    sample = "1s"
    words = (LIMIT,)
    measured = "segments sent again in 1 s"

    def load(self, host):
        other = host.link("uplink", HERE + "/24", THERE + "/24")
        # One segment a packet, as on the way to any real device: 64 KB come as a burst of 45.
        host.run("ethtool", "-K", "uplink", "tso", "off")
        other.spawn("backup-server", backup_server).hear()
        host.spawn("backup", backup).hear()

    def fault(self, host):
        host.sysctl(LIMIT, SHORT)
        self.load(host)

    def check(self, report):
        lab.says(report.the("softnet-backlog-drops", lab.LOUD), SHORT)

    def measure(self, host):
        return sent_again()

    def cure(self, host, report):
        host.apply(report.fix("softnet-backlog-drops", "sysctl", LIMIT))

    def twin(self, host):
        """The same load under the kernel's default."""
        self.load(host)


def rounds_ended_early():
    with open("/proc/net/softnet_stat", encoding="ascii") as file:
        return sum(int(line.split()[2], 16) for line in file)


class Squeezed(Backlog):
    """Rounds that end early while no packet is lost are no fault."""
    name = "softnet_squeezed"
    proves = {}
    beside = frozenset()
    words = ()

    def fault(self, host):
        host.sysctl("net.core.netdev_budget", 1)
        self.load(host)
        before = rounds_ended_early()
        lab.wait_until(lambda: rounds_ended_early() > before + 1000, "many rounds end early")

    def check(self, report):
        passed = [row["text"] for row in report.document["passed"] if row["rule"] == "softnet-time-squeeze"]
        assert passed, "the squeezed rounds were not looked at"
        rounds, packets = map(float, re.match(r"([\d.]+) rounds .* for ([\d.]+) packets", passed[0]).groups())
        assert rounds * 1000 > packets > 1000, f"too few for the rule, even if a device dropped: {passed[0]}"
