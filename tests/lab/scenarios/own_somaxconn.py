"""A network namespace has a somaxconn of its own: the host's does not reach it. Seen from the host, which was
tuned; and from inside of a container, whose script tries to raise it and finds /proc/sys read-only."""
import signal
import socket
import subprocess

import lab
from lab.process import libc_call

PORT = 8080
CLONE_NEWNS = 0x20000
SEAL = "mount --make-rprivate /; mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys"
RAISE = "[ $(cat /proc/sys/net/core/somaxconn) -ge {0} ] || sysctl -w net.core.somaxconn={0}"
ANOTHER = "sysctl -w net.ipv4.tcp_fin_timeout=30"


def web_server(tell, backlog):
    listener = socket.create_server(("0.0.0.0", PORT), backlog=backlog)
    tell("listening")
    signal.pause()
    listener.close()


def container(tell, script, backlog):
    """Runs its script, tells what that said, and serves."""
    libc_call("unshare", CLONE_NEWNS)
    subprocess.run(["sh", "-ec", SEAL], check=True)
    done = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    tell(done.stdout.decode())
    web_server(tell, backlog)


def backlog_in(host):
    return int(host.run("ss", "-Hltn", f"sport = :{PORT}").split()[2])


class HostTuning(lab.Scenario):
    """The host was tuned for long queues; the web server lives in a namespace beside it."""
    name = "host_tuning"
    machine = lab.OWN_KERNEL
    options = ("--netns", "all", "--allow-module-load")  # nobody has called ss yet
    proves = {"host-tuning-not-inherited": "info"}
    owner = ("net.core.somaxconn (16384, there 4096)",)
    measured = "backlog that the server gets"
    more_is_better = True
    TUNED, ASKED = 16384, 8192

    def prepare(self, host):
        host.sysctl("net.core.somaxconn", self.TUNED)
        self.other = host.link("web", "10.5.0.1/24", "10.5.0.2/24")

    def serve(self):
        self.server = self.other.spawn("web-server", web_server, self.ASKED)
        self.server.hear()

    def fault(self, host):
        self.prepare(host)
        self.serve()

    def measure(self, host):
        return backlog_in(self.other)

    def cure(self, host, report):
        report.fix("host-tuning-not-inherited", "none", "Set there what the programs in it need")
        self.other.sysctl("net.core.somaxconn", self.TUNED)
        self.server.end()
        self.serve()

    def twin(self, host):
        """The server is a program of the host; the namespace beside it serves nobody."""
        self.prepare(host)
        host.spawn("web-server", web_server, self.ASKED).hear()


class ReadOnly(lab.Paste):
    """What the container wrote as it started is what the audit sees."""
    name = "somaxconn_read_only"
    proves = {"somaxconn-readonly": "warning"}
    measured = "backlog that the server gets"
    more_is_better = True
    WANTED = 1024

    def start(self, host, script):
        self.container = host.spawn("container", container, script, self.WANTED)
        self.said = self.container.hear()
        self.container.hear()

    def log(self):
        return self.said

    def fault(self, host):
        host.sysctl("net.core.somaxconn", 128)
        self.start(host, RAISE.format(self.WANTED))

    def measure(self, host):
        return backlog_in(host)

    def cure(self, host, report):
        host.apply(report.fix("somaxconn-readonly", "service", "docker run --sysctl"), "docker")
        self.container.end()
        self.start(host, f"{RAISE.format(self.WANTED)}; {ANOTHER}")

    def twin(self, host):
        """The default is enough; what the script cannot raise is another setting."""
        self.start(host, f"{RAISE.format(self.WANTED)}; {ANOTHER}")
        assert "tcp_fin_timeout" in self.said and "somaxconn" not in self.said, self.said
