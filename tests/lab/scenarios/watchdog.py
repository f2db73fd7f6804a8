"""A network device that stops sending, as its other end takes nothing: the kernel resets it again and again,
and says so in its log."""
import socket
import time

import lab

ASKED = 50
RULE = "netdev-watchdog-logged"
# After a day the line is history; nobody waits so long here.
OLD_S = 6


def sender(tell):
    stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stream.connect(("10.1.0.2", 9))
    stream.setblocking(False)
    tell("sending")
    while True:
        try:
            stream.send(bytes(1000))
        except BlockingIOError:
            pass
        time.sleep(0.005)


def sent():
    with open("/sys/class/net/vec0/statistics/tx_packets", encoding="ascii") as file:
        return int(file.read())


def log_lines(host):
    return host.run("dmesg").count("NETDEV WATCHDOG")


class Watchdog(lab.Scenario):
    name = "watchdog"
    machine = lab.OWN_KERNEL
    cable = True
    proves = {RULE: "warning"}
    owner = ("vec0",)
    remains = {RULE: "as a note: the line of the log does not go away"}
    options = ("--param", f"softnet.log_old_s={OLD_S}")
    measured = f"packets of {ASKED} that do not leave in time"

    def send(self, host):
        host.run("ip", "address", "replace", "10.1.0.1/24", "dev", "vec0")
        host.run("ip", "link", "set", "vec0", "up")
        host.run("ip", "neigh", "add", "10.1.0.2", "lladdr", "02:00:00:00:00:01", "dev", "vec0", "nud",
                 "permanent")
        self.sender = host.spawn("sender", sender)
        self.sender.hear()

    def fault(self, host):
        self.send(host)
        lab.wait_until(lambda: log_lines(host) > 0, "the kernel sees that nothing is sent")

    def measure(self, host):
        """The sender gives ten times as many in this time."""
        before = sent()
        time.sleep(ASKED * 10 * 0.005)
        return max(0, ASKED - (sent() - before))

    def cure(self, host, report):
        report.fix(RULE, "network", "ask whoever runs the host")
        # Down before it goes on: the driver of user-mode-linux loses count of what waits.
        self.sender.end()
        host.run("ip", "link", "set", "vec0", "down")
        lab.take_packets()
        self.send(host)
        lines = log_lines(host)
        time.sleep(OLD_S + 1)
        assert log_lines(host) == lines, "the device is reset still"

    def twin(self, host):
        """The same device and load, and what it sends is taken."""
        lab.take_packets()
        self.send(host)
        lab.wait_until(lambda: sent() > ASKED, "packets leave")
