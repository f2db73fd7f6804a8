"""What the files of sysctl.d bring back at the next boot, held against the programs that read them then:
systemd-sysctl, and sysctl --system of procps. A boot is played by running the reader in a fresh network
namespace, which has the kernel's own values. In another kernel: there the files are made up, and what they
set is its own."""
import os
import socket
import subprocess

import lab
from lab.process import CLONE_NEWNET, libc_call

SYSTEMD = "/usr/lib/systemd/systemd-sysctl"
UNIT = "/usr/lib/systemd/system/systemd-sysctl.service"
SYSTEMCTL = f"""#!/bin/sh
# No manager runs here: what it would start.
[ "$*" = "restart systemd-sysctl" ] && exec $(sed -n 's/^ExecStart=//p' {UNIT})
"""
OURS, VENDORS, CONF = "/etc/sysctl.d", "/usr/lib/sysctl.d", "/etc/sysctl.conf"
TUNED, TUNED_PID = "/etc/tuned", "/run/tuned/tuned.pid"
BACKLOG = 8192
SACKED = 28  # offset of tcpi_sacked, which is the backlog of a listener


def write(path, *lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def empty_folders():
    for folder in (OURS, VENDORS):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
    write(CONF, "# nothing")


def make_up_files(host):
    """The folder /etc as it is, but for the files in question, which may be written."""
    real = os.path.join(host.directory, "etc")
    os.mkdir(real)
    host.run("mount", "--bind", "/etc", real)
    host.run("mount", "-t", "tmpfs", "tmpfs", "/etc")
    for name in os.listdir(real):
        if name not in ("sysctl.d", "sysctl.conf", "tuned"):
            os.symlink(os.path.join(real, name), os.path.join("/etc", name))
    os.mkdir(OURS)
    os.mkdir(TUNED)
    host.run("mount", "-t", "tmpfs", "tmpfs", VENDORS)
    empty_folders()


def backlog():
    """Of a listener that asks for more."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * BACKLOG) as listener:
        return int.from_bytes(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 64)[SACKED:SACKED + 4],
                              "little")


def keepalive_s():
    with socket.socket() as made:
        return made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)


def read_files(reader):
    """What the reader complains about."""
    done = subprocess.run(reader, capture_output=True, check=False,
                          env=dict(os.environ, SYSTEMD_LOG_TARGET="console"))
    return done.stderr.decode().splitlines()


def booted(tell, reader, look):
    libc_call("unshare", CLONE_NEWNET)
    complaints = read_files(reader)
    tell(look() if look else len(complaints))


class Persisted(lab.Scenario):
    machine = lab.OWN_KERNEL
    reader = (SYSTEMD,)

    def prepare(self, host):
        if not hasattr(host, "files_made_up"):
            host.files_made_up = True
            make_up_files(host)
            self.be_reader(host)

    def be_reader(self, host):
        """By what tells that systemd is there: sd_booted(3), systemctl."""
        if not os.access(SYSTEMD, os.X_OK):
            raise lab.Skip("the package systemd is not installed")
        os.makedirs("/run/systemd/system")
        path = os.path.join(host.directory, "systemctl")
        write(path, SYSTEMCTL)
        os.chmod(path, 0o755)
        os.environ["PATH"] = host.directory + ":" + os.environ["PATH"]

    def fault(self, host):
        self.prepare(host)
        empty_folders()
        self.files(host)

    def files(self, host):
        raise NotImplementedError

    def after_boot(self, host, look=None):
        process = host.spawn("boot", booted, self.reader, look)
        try:
            return process.hear()
        finally:
            process.end()


class Lowered(Persisted):
    """Raised on the running host only."""
    name = "persisted_lower"
    proves = {"persisted-value-differs": "warning"}
    owner = ("/etc/sysctl.d/50-old.conf",)
    words = (str(BACKLOG), "128")
    measured = "backlog of a new listener after a boot"
    more_is_better = True

    def files(self, host):
        write(OURS + "/50-old.conf", "net.core.somaxconn = 128")
        host.sysctl("net.core.somaxconn", BACKLOG)

    def measure(self, host):
        return self.after_boot(host, backlog)

    def cure(self, host, report):
        report.fix("persisted-value-differs", "none", "change the line")
        write(OURS + "/50-old.conf", f"net.core.somaxconn = {BACKLOG}")

    def twin(self, host):
        """The file says what is in force."""
        self.prepare(host)
        write(OURS + "/55-same.conf", f"net.core.somaxconn = {BACKLOG}")
        host.sysctl("net.core.somaxconn", BACKLOG)


class NotApplied(Persisted):
    """Written into the file only."""
    name = "persisted_not_applied"
    proves = {"persisted-value-differs": "info"}
    measured = "seconds until the first keepalive probe of a new socket"

    def files(self, host):
        write(OURS + "/50-new.conf", "# before the firewall forgets", "net.ipv4.tcp_keepalive_time=300")

    def measure(self, host):
        return keepalive_s()

    def cure(self, host, report):
        host.apply(report.fix("persisted-value-differs", "none", "apply the files now"))

    def twin(self, host):
        self.prepare(host)
        write(OURS + "/56-applied.conf", "net/ipv4/tcp_keepalive_time=300")
        host.run(*self.reader)
        assert keepalive_s() == 300, keepalive_s()


class DeadKeys(Persisted):
    name = "persisted_dead_keys"
    proves = {"persisted-dead-keys": "info"}
    owner = ("/etc/sysctl.d/90-recipe.conf",)
    measured = "errors of the reader at a boot"

    def files(self, host):
        write(OURS + "/90-recipe.conf", "net.ipv4.tcp_tw_recycle = 1", "net.ipv4.tcp_fin_timout = 30")

    def check(self, report):
        lab.says(report.the("persisted-dead-keys", ["info"]), 2, 2)

    def measure(self, host):
        return self.after_boot(host)

    def cure(self, host, report):
        report.fix("persisted-dead-keys", "none", "Remove the lines")
        write(OURS + "/90-recipe.conf", "# nothing")

    def twin(self, host):
        """A tunable of a module that is not loaded."""
        self.prepare(host)
        write(OURS + "/91-later.conf", "net.netfilter.nf_conntrack_max = 262144")


class Twice(Persisted):
    """A package's file has the later name."""
    name = "persisted_twice"
    proves = {"persisted-twice": "info"}
    owner = ("/usr/lib/sysctl.d/50-vendor.conf",)
    measured = "backlog of a new listener after a boot"
    more_is_better = True

    def files(self, host):
        write(OURS + "/10-ours.conf", f"net.core.somaxconn = {BACKLOG}")
        write(VENDORS + "/50-vendor.conf", "net.core.somaxconn = 1024")
        host.run(*self.reader)
        assert backlog() == 1024, backlog()

    def measure(self, host):
        return self.after_boot(host, backlog)

    def cure(self, host, report):
        report.fix("persisted-twice", "none", "a later name")
        os.rename(OURS + "/10-ours.conf", OURS + "/60-ours.conf")

    def twin(self, host):
        """The one in /etc has the later name."""
        self.prepare(host)
        write(VENDORS + "/50-vendor.conf", "net.core.somaxconn = 1024")
        write(OURS + "/60-ours.conf", f"net.core.somaxconn = {BACKLOG}")


class NotRead(Persisted):
    """sysctl -p reads the file, a boot does not."""
    name = "persisted_not_read"
    proves = {"sysctl-conf-not-read": "warning"}
    owner = (CONF,)
    measured = "seconds until the first keepalive probe of a new socket after a boot"

    def files(self, host):
        write(CONF, "net.ipv4.tcp_keepalive_time = 600", "net.ipv4.tcp_keepalive_intvl = 20")
        host.run("sysctl", "-p")
        assert keepalive_s() == 600, keepalive_s()

    def check(self, report):
        lab.says(report.the("sysctl-conf-not-read", ["warning"]), 2)

    def measure(self, host):
        return self.after_boot(host, keepalive_s)

    def cure(self, host, report):
        host.apply(report.fix("sysctl-conf-not-read", "none", "Have it read"))

    def twin(self, host):
        """With the link that distributions have."""
        self.prepare(host)
        write(CONF, "net.ipv4.tcp_keepalive_intvl = 20")
        os.symlink("../sysctl.conf", OURS + "/99-sysctl.conf")
        host.run(*self.reader)


class UnderTuned(Persisted):
    """TuneD starts after the files were applied. Its daemon is played: the profile's value is set, and the
    files are applied again where its configuration says so (tuned/daemon/daemon.py, 2.20)."""
    name = "persisted_under_tuned"
    proves = {"persisted-under-tuned": "info"}
    owner = (TUNED + "/ours/tuned.conf", OURS + "/60-ours.conf")
    measured = "backlog of a new listener after a boot"
    more_is_better = True
    # Until the next start of TuneD the run-time value is that of the profile.
    beside = frozenset({"harmful_setting"})

    def files(self, host):
        write(OURS + "/60-ours.conf", f"net.core.somaxconn = {BACKLOG}")
        for folder in (TUNED + "/ours", os.path.dirname(TUNED_PID)):
            os.makedirs(folder, exist_ok=True)
        write(TUNED_PID, str(os.getpid()))
        write(TUNED + "/active_profile", "ours")
        write(TUNED + "/ours/tuned.conf", "[sysctl]", "net.core.somaxconn = 2048")
        write(TUNED + "/tuned-main.conf", "reapply_sysctl = 0")
        host.run(*self.reader)
        self.start_tuned()

    def start_tuned(self):
        with open("/proc/sys/net/core/somaxconn", "w", encoding="ascii") as file:
            file.write("2048")
        with open(TUNED + "/tuned-main.conf", encoding="ascii") as file:
            if "reapply_sysctl = 1" in file.read():
                read_files(self.reader)
        return backlog()

    def measure(self, host):
        return self.after_boot(host, self.start_tuned)

    def cure(self, host, report):
        report.fix("persisted-under-tuned", "service", "reapply_sysctl = 1")
        write(TUNED + "/tuned-main.conf", "reapply_sysctl = 1")
        self.start_tuned()

    def twin(self, host):
        """The profile says what the file says."""
        self.prepare(host)
        self.files(host)
        write(TUNED + "/ours/tuned.conf", "[sysctl]", f"net.core.somaxconn = {BACKLOG}")
        host.sysctl("net.core.somaxconn", BACKLOG)


class TwiceForProcps(Persisted):
    """Where there is no systemd /etc/sysctl.conf is read after all others."""
    name = "persisted_procps"
    reader = ("sysctl", "--system")
    proves = {"persisted-twice": "info"}
    owner = (CONF, "sysctl --system")
    measured = "backlog of a new listener after a boot"
    more_is_better = True

    def be_reader(self, host):
        """By the name of the first process, whose scripts run it."""
        with open("/proc/1/comm", "w", encoding="utf-8") as file:
            file.write("init")

    def files(self, host):
        write(OURS + "/99-ours.conf", f"net.core.somaxconn = {BACKLOG}")
        write(CONF, "net.core.somaxconn = 1024")
        host.run(*self.reader)
        assert backlog() == 1024, backlog()

    def measure(self, host):
        return self.after_boot(host, backlog)

    def cure(self, host, report):
        report.fix("persisted-twice", "none", "Remove the one that is not wanted")
        os.unlink(CONF)

    def twin(self, host):
        """A folder's file of a package loses to the one of /etc."""
        self.prepare(host)
        write(VENDORS + "/99-vendor.conf", "net.core.somaxconn = 1024")
        write(CONF, f"net.core.somaxconn = {BACKLOG}")
        host.run(*self.reader)
        assert backlog() == BACKLOG, backlog()


class WithSystemd(lab.Together):
    name = "persisted"
    machine = lab.OWN_KERNEL
    members = (Lowered, NotApplied, DeadKeys, Twice, NotRead, UnderTuned)
