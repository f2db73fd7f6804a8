"""A long path and socket buffers that are too small for it: one window in each round trip, whatever the link could
carry. Only a kernel of its own has netem, which makes the path long."""
import json
import socket
import time

import lab

HERE, FAR = "10.1.0.1", "10.1.0.2"
DELAY_MS, LINK_MBIT = 40, 60
SMALL = 131072
SEND, RECEIVE = (FAR, 9000), (FAR, 9001)
MEGABYTE = 1 << 20
PATIENCE_S = 4


def sink(tell):
    listener = socket.create_server(SEND)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(MEGABYTE):
                pass


def source(tell):
    listener = socket.create_server(RECEIVE)
    tell("listening")
    data = bytes(MEGABYTE)
    while True:
        connection, _ = listener.accept()
        try:
            while True:
                connection.sendall(data)
        except ConnectionError:
            connection.close()


def mbit_s(transfer):
    """Of one connection that has had a second to open its window, in the second after that."""
    begin = time.monotonic()
    counted = 0
    while time.monotonic() < begin + 2.5:
        moved = transfer()
        if time.monotonic() > begin + 1.5:
            counted += moved
    return round(counted * 8 / 1e6, 1)


def sent_mbit_s():
    with socket.create_connection(SEND) as connection:
        return mbit_s(lambda: connection.send(bytes(65536)))


def received_mbit_s():
    with socket.create_connection(RECEIVE) as connection:
        rate = mbit_s(lambda: len(connection.recv(65536)))
        lab.reset_on_close(connection)
        return rate


class Lowered(lab.Scenario):
    """What the kernel would have chosen was lowered; nothing is known of the paths."""
    name = "buffers_lowered"
    machine = lab.OWN_KERNEL
    proves = {"buffers-lowered": "warning"}
    measured = "Mbit/s of one connection, the slower of both directions"
    more_is_better = True
    lowered = True
    dialect = None

    def fault(self, host):
        far = host.link("eth0", HERE + "/24", FAR + "/24")
        for end in (host, far):
            end.run("tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", f"{DELAY_MS // 2}ms",
                    "rate", f"{LINK_MBIT}mbit", "limit", "2000")
        if self.lowered:
            for setting, middle in (("rmem", 65536), ("wmem", 16384)):
                host.sysctl("net.ipv4.tcp_" + setting, f"4096 {middle} {SMALL}")
        far.spawn("sink", sink).hear()
        far.spawn("source", source).hear()

    def check(self, report):
        for rule in self.proves:
            lab.says(report.the(rule, ["warning"]), SMALL)

    def measure(self, host):
        rates = sent_mbit_s(), received_mbit_s()
        print(f"  {rates[0]} Mbit/s sent, {rates[1]} received")
        return min(rates)

    def cure(self, host, report):
        for rule in self.proves:
            for setting in ("tcp_rmem", "tcp_wmem"):
                host.apply(report.fix(rule, "sysctl", "net.ipv4." + setting), self.dialect)

    def twin(self, host):
        """The same path, with the kernel's own buffers."""
        self.lowered = False
        self.fault(host)


class BelowPath(Lowered):
    """Somebody adds to the snapshot how long the path is and what it carries."""
    name = "buffers_below_path"
    proves = {"buffers-below-path": "warning"}
    dialect = "shell"  # apply looks at the host, which knows nothing of its paths

    def audit(self, *more, **how):
        snapshot = json.loads(lab.run_tool("snapshot", "--sample", "0"))
        snapshot["reported"] = {"paths": [{"address": FAR, "rtt_ms": DELAY_MS, "mbit_s": LINK_MBIT}]}
        return super().audit("--input", "-", *more, stdin=json.dumps(snapshot).encode(), **how)
