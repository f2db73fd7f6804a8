"""A program that sends to more neighbours than their table holds gets ENOBUFS. Its log is what the audit
sees; the commands printed show which memory is short, and the audit of the host itself how to raise it."""
import socket

import lab

HERE, ROUTER, PORT = "10.4.0.1", "10.4.0.254", 8125
NEIGHBOURS, TABLE = 60, 16
IP_RECVERR = 11  # include/uapi/linux/in.h: the error is told, as ping and the resolver want it


def heartbeats(count):
    """What the program logs of those that fail."""
    failed = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        for i in range(count):
            address = f"10.4.0.{2 + i}"
            try:
                sender.sendto(b"up", (address, PORT))
            except OSError as error:
                failed.append(f"heartbeat: sendto {address}:{PORT}: {error}\n")
    return failed


def refusal():
    """What it logs when it can't report to a server that is down."""
    try:
        socket.create_connection((ROUTER, PORT)).close()
    except ConnectionRefusedError as error:
        return [f"heartbeat: connect {ROUTER}:{PORT}: {error}\n"]
    return []


class NoBuffer(lab.Paste):
    name = "no_buffer"
    machine = lab.OWN_KERNEL
    proves = {"no-buffer-reported": "warning"}
    owner = ("heartbeat",)
    beside = twin_beside = {"not_kernel_tunable"}
    measured = f"failed heartbeats of {NEIGHBOURS}"

    def prepare(self, host):
        host.link("lan", HERE + "/24", ROUTER + "/24")
        for name, value in (("gc_thresh1", TABLE // 4), ("gc_thresh2", TABLE // 2), ("gc_thresh3", TABLE)):
            host.sysctl("net.ipv4.neigh.default." + name, value)

    def fault(self, host):
        self.prepare(host)
        self.measure(host)

    def log(self):
        return "".join(self.logged)

    def check(self, report):
        lab.says(report.the("no-buffer-reported", ["warning"]), (NEIGHBOURS - TABLE, NEIGHBOURS))

    def measure(self, host):
        failed = heartbeats(NEIGHBOURS)
        self.logged = failed + refusal()
        return len(failed)

    def cure(self, host, report):
        fix = report.fix("no-buffer-reported", "application", "See which memory is short", "neighbour table")
        assert "neighbor table overflow" in host.look(fix, "dmesg")
        assert "TCP:" in host.look(fix, "sockstat")
        there = lab.Report(lab.run_tool("audit", "--format", "json", "--sample", "0"))
        host.apply(there.fix("neighbour-overflow-logged", "sysctl", "gc_thresh3"))

    def twin(self, host):
        """Fewer neighbours than the table holds, and a server that is down."""
        self.prepare(host)
        self.logged = heartbeats(TABLE // 2) + refusal()
        assert len(self.logged) == 1, self.logged
