#!/usr/bin/env python3
"""limits.conf(5) as pam_limits takes it: a session that su opens under made-up files has the limits
that the snapshot says a session of that user would get, wherever it says something. The files lie over
/etc/security in a mount namespace of their own.

usage: test_limits.py AT_ROOT"""
import grp
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

import namespace as ns

USERS = ("daemon", "root")
# Every user's hard limit is set: what pam_limits takes from the first process otherwise may be more
# than su may give.
HARD = "root hard nofile 1000\n1: hard nofile 1000\n"
# limits.conf, limits.d/10.conf, limits.d/20.conf
CASES = (
    ("* soft nofile 60\n",),
    ("* soft nofile 60\n@daemon soft nofile 61\n",),
    ("@daemon soft nofile 61\n* soft nofile 60\n",),
    ("daemon soft nofile 62\n@daemon soft nofile 61\n",),
    ("@root soft nofile 63\nroot soft nofile 64\n",),
    ("* soft nofile 60\n", "* soft nofile 61\n", "* soft nofile 62\n"),
    ("* soft nofile 60\ndaemon -\n",),
    ("0:0 soft nofile 60\n1:1 soft nofile 61\n* soft nofile 70\n",),
    (":1 soft nofile 60\n* soft nofile 70\n",),
    (":2 soft nofile 60\n* soft nofile 70\n",),
    ("2: soft nofile 60\n* soft nofile 70\n",),
    ("1: soft nofile 60\n* soft nofile 70\n",),
    ("* SOFT NoFile 60 # comment\n",),
    ("* soft nofile unlimited\nroot soft nofile -1\n",),
    ("daemon - nofile 65\n",),
    ("daemon soft nofile 60\n@daemon - nofile 55\n",),
    ("* soft nofile lots\n* soft nofile\n* soft nproc 5000\ndaemon firm nofile 9\n",),
)

SCRIPT = """set -eu
mount --make-rprivate /
mount --bind "$1/etc/security" /etc/security
test -e /etc/security/made-up
su "$2" -s /bin/sh -c 'ulimit -Sn; ulimit -Hn'
"""


def put(root, name, text):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def make(root, case, user):
    """A host with one session of the user."""
    uid = pwd.getpwnam(user).pw_uid
    shutil.rmtree(os.path.join(root, "etc"), ignore_errors=True)
    for entry in os.scandir("/etc/security"):
        if entry.is_file() and entry.name != "limits.conf":
            put(root, "etc/security/" + entry.name, "")
    put(root, "etc/security/made-up", "")
    put(root, "etc/security/limits.conf", HARD + case[0])
    for i, text in enumerate(case[1:], 1):
        put(root, f"etc/security/limits.d/{i}0.conf", text)
    put(root, "etc/passwd", "".join(f"{u.pw_name}:x:{u.pw_uid}:{u.pw_gid}:::\n"
                                    for u in pwd.getpwall()))
    put(root, "etc/group", "".join(f"{g.gr_name}:x:{g.gr_gid}:{','.join(g.gr_mem)}\n"
                                   for g in grp.getgrall()))
    put(root, "proc/50/stat", "50 (sh) S 1 50 50 0 -1 0" + 43 * " 0" + "\n")
    put(root, "proc/50/status", f"Name:\tsh\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nThreads:\t1\n")
    put(root, "proc/50/cgroup", "0::/user.slice/user-1.slice/session-1.scope\n")
    os.makedirs(os.path.join(root, "proc/50/fd"), exist_ok=True)
    if not os.path.lexists(os.path.join(root, "proc/50/fd/0")):
        os.symlink("/dev/null", os.path.join(root, "proc/50/fd/0"))
    with open("/proc/sys/fs/nr_open", encoding="ascii") as file:
        put(root, "proc/sys/fs/nr_open", file.read())


def real_limits(root, user):
    ran = subprocess.run(["unshare", "--mount", "sh", "-c", SCRIPT, "sh", root, user],
                         capture_output=True, text=True, check=False)
    if ran.returncode:
        ns.skip(f"su can't open a session here: {ran.stderr.strip()}")
    return tuple(int(number) for number in ran.stdout.split())


def main():
    at_root = os.path.abspath(sys.argv[1])
    wrong = told = 0
    if os.geteuid() != 0:
        ns.skip("needs root, to mount")
    try:
        with open("/etc/pam.d/su", encoding="utf-8") as file:
            if not any("pam_limits" in line and line.startswith("session") for line in file):
                ns.skip("su has no pam_limits here")
    except OSError as error:
        ns.skip(str(error))
    with tempfile.TemporaryDirectory(prefix="tcpadvise-limits-") as root:
        for case in CASES:
            for user in USERS:
                make(root, case, user)
                snapshot = json.loads(subprocess.run([at_root, root], capture_output=True, text=True,
                                                     check=True).stdout)
                found = snapshot["processes"][0].get("configured_nofile")
                if not found:
                    continue
                soft, hard = real_limits(root, user)
                told += 1
                if (found["soft"], found.get("hard", hard)) != (soft, hard):
                    print(f"{user} has {soft}:{hard}, not {found}, with {case}")
                    wrong += 1
    print(f"{told} sessions compared, {wrong} mistakes")
    return wrong > 0 or told < 10  # of most nothing is told of root


if __name__ == "__main__":
    sys.exit(main())
