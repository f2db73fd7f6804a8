#!/usr/bin/env python3
"""The files of sysctl.d(5) as the programs that read them at boot do: after sysctl --system or
systemd-sysctl has set a made-up /proc/sys, the snapshot finds every line that it says wins in force,
and nothing else was set. Neither program touches this host: each runs in a mount namespace of its
own where /proc/sys, /etc and so on are folders of the test.

usage: test_settings.py AT_ROOT"""
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile

import namespace as ns

SYSTEMD = ("/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl")
FOLDERS = ("etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d")
MARK = "made-up"  # a file that no /proc/sys has

TUNABLES = [
    "net/core/" + name for name in
    "somaxconn rmem_max wmem_max optmem_max netdev_max_backlog default_qdisc".split()
] + [
    "net/ipv4/" + name for name in
    "tcp_fin_timeout tcp_syncookies tcp_sack tcp_rmem tcp_wmem tcp_retries1 tcp_retries2 tcp_mem "
    "tcp_synack_retries tcp_ecn tcp_frto tcp_tw_reuse tcp_timestamps tcp_window_scaling "
    "ip_local_port_range ip_local_reserved_ports tcp_mtu_probing tcp_keepalive_time".split()
] + [
    f"net/ipv4/conf/{interface}/{name}" for interface in
    "all default lo lo1 eth0 eth1 eth0.100 eth0.200".split() for name in ("rp_filter", "forwarding")
] + ["net/netfilter/nf_conntrack_count", "fs/file-max", "fs/nr_open", "kernel/pid_max"]

FILES = {
    "etc/sysctl.conf": """net.core.somaxconn = 4444
net.ipv4.tcp_fin_timeout=44
net.ipv4.tcp_retries1 = 4
""",
    "etc/sysctl.d/10-a.conf": """# net.core.rmem_max = 1
; net.core.rmem_max = 2
net.core.somaxconn = 1111
net/ipv4/tcp_syncookies = 0
net.ipv4.conf.eth0/100.rp_filter = 2
net/ipv4/conf/eth0.200/rp_filter = 3
-net.ipv4.tcp_sack = 0
  net.ipv4.tcp_rmem =  4096\t131072   6291456\t
net.ipv4.tcp_wmem = 4096 \\
16384 4194304
not an assignment
= 5
net.ipv4.tcp_synack_retries=2
net.ipv4.conf.*.forwarding = 1
-net.ipv4.conf.eth1.forwarding
net.ipv4.conf.all.forwarding = 0
net..ipv4.tcp_tw_reuse = 1
/net/ipv4/tcp_timestamps = 0
net.ipv4.ip_local_reserved_ports = 8080,9148,8081
-net.ipv4.tcp_no_such_thing = 7
net.ipv4.tcp_ecn = 1
-net.ipv4.tcp_ecn
-net.ipv4.tcp_frto
net.ipv4.tcp_frto = 0
net.ipv4.conf.lo*.rp_filter = 7
net.ipv4.conf.lo1.rp_filter = 8
""",
    "etc/sysctl.d/20-crlf.conf": "net.ipv4.tcp_window_scaling = 0\r\nnet.core.rmem_max = 9\r\n",
    "etc/sysctl.d/.hidden.conf": "net.core.wmem_max = 7\n",
    "etc/sysctl.d/30-x.conf~": "net.core.optmem_max = 7\n",
    "etc/sysctl.d/51-empty.conf": "",
    "etc/sysctl.d/09-early.conf": "net.core.netdev_max_backlog = 6\nfs.file-max = 5\n",
    "usr/lib/sysctl.d/50-vendor.conf": "net.ipv4.tcp_mem = 1 2 3\n",
    "usr/lib/sysctl.d/51-empty.conf": "net.core.optmem_max = 1\n",
    "usr/lib/sysctl.d/52-three.conf": "net.ipv4.ip_local_port_range = 1 2\n",
    "usr/local/lib/sysctl.d/52-three.conf": "net.ipv4.ip_local_port_range = 3 4\n",
    "run/sysctl.d/52-three.conf": "net.ipv4.ip_local_port_range = 5 6\n",
    "usr/lib/sysctl.d/90-z.conf": "net.core.netdev_max_backlog = 5\nkernel.pid_max = 99999\n",
    "usr/lib/sysctl.d/99-last.conf": "net.core.somaxconn = 9999\n",
    "usr/lib/sysctl.d/99-open.conf": "net.ipv4.tcp_mtu_probing = 1",
}

# Mounts the folders of the test over the host's. What follows can't reach the real ones: set -e.
SCRIPT = """set -eu
mount --make-rprivate /
root=$1
shift
mount -t tmpfs none /run
mkdir /run/sysctl.d
mount --bind "$root/usr/lib/sysctl.d" /usr/lib/sysctl.d
mount -t tmpfs none /usr/local/lib
mkdir /usr/local/lib/sysctl.d
mount --bind "$root/etc" /etc
mount --bind "$root/run/sysctl.d" /run/sysctl.d
mount --bind "$root/usr/local/lib/sysctl.d" /usr/local/lib/sysctl.d
mount --bind "$root/proc/sys" /proc/sys
test -e /proc/sys/made-up
"$@" >"$root/out" 2>&1 || true
"""


def put(root, name, text):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii", newline="") as file:
        file.write(text)


def make(root, first_process, linked):
    for folder in FOLDERS:
        os.makedirs(os.path.join(root, folder))
    for name, text in FILES.items():
        put(root, name, text)
    os.symlink("/dev/null", os.path.join(root, "etc/sysctl.d/50-vendor.conf"))
    if linked:
        os.symlink("../sysctl.conf", os.path.join(root, "etc/sysctl.d/99-sysctl.conf"))
    for name in TUNABLES:
        put(root, "proc/sys/" + name, "")  # systemd-sysctl writes over what is there
    put(root, "proc/sys/" + MARK, "")
    put(root, "proc/sys/kernel/osrelease", "6.18.0\n")
    put(root, "proc/1/comm", first_process + "\n")


def set_tunables(root):
    for name in TUNABLES:
        with open(os.path.join(root, "proc/sys", name), encoding="ascii") as file:
            value = file.read().strip()
        if value:
            yield name, value


def normal(value):
    return " ".join(value.split())


def matches(setting, name):
    """Whether the line sets this tunable, a path under /proc/sys."""
    swap = str.maketrans("./", "/.")
    return fnmatch.fnmatchcase(name, setting["key"].translate(swap))


def check(reader, settings, done):
    winners = [setting for setting in settings if setting["wins"]]
    for setting in winners:
        exists = any(matches(setting, name) for name in TUNABLES)
        if setting.get("differs") is not (False if exists else None):
            yield f"it wins, and is not in force: {setting}"
        if exists is (setting.get("dead", False) is True):
            yield f"dead is wrong: {setting}"
    for name, value in done.items():
        lines = [setting for setting in winners if matches(setting, name)]
        if not any(normal(line["value"]) == normal(value) for line in lines):
            yield f"{reader} set {name} to {value}, which no line does that wins: {lines}"
    for setting in settings:
        if not setting["wins"] and "loses" not in setting:
            yield f"it loses, and does not say why: {setting}"


def compare(at_root, reader, command, first_process, linked):
    with tempfile.TemporaryDirectory(prefix="tcpadvise-settings-") as root:
        make(root, first_process, linked)
        ran = subprocess.run(["unshare", "--mount", "--net", "sh", "-c", SCRIPT, "sh", root, *command],
                             capture_output=True, text=True, check=False)
        if ran.returncode:
            ns.skip(f"can't run {reader} on its own: {ran.stderr.strip()}")
        done = dict(set_tunables(root))
        snapshot = json.loads(subprocess.run([at_root, root], capture_output=True, text=True,
                                             check=True).stdout)
        found = snapshot["host"]["sysctl_reader"]
        wrong = list(check(reader, snapshot["settings"], done))
        print(f"{reader}{', 99-sysctl.conf is a link' if linked else ''}: {len(done)} tunables set, "
              f"{len(snapshot['settings'])} lines, {len(wrong)} mistakes")
        if found != reader:
            wrong.append(f"the reader is {reader}, not {found}")
        if not done:
            wrong.append(f"{reader} has set nothing")
        for mistake in wrong:
            print("  " + mistake)
        return bool(wrong)


def main():
    at_root = os.path.abspath(sys.argv[1])
    sysctl = shutil.which("sysctl", path="/usr/sbin:/sbin:/usr/bin:/bin")
    systemd = next((path for path in SYSTEMD if os.path.exists(path)), None)
    failed, ran = False, 0
    if os.geteuid() != 0:
        ns.skip("needs root, to mount")
    for linked in (False, True):
        if sysctl:
            failed |= compare(at_root, "procps", [sysctl, "--system"], "init", linked)
        if systemd:
            failed |= compare(at_root, "systemd", [systemd], "systemd", linked)
        ran += bool(sysctl) + bool(systemd)
    if not ran:
        ns.skip("there is neither systemd-sysctl nor sysctl")
    return failed


if __name__ == "__main__":
    sys.exit(main())
