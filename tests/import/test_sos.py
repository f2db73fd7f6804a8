#!/usr/bin/python3
"""A report that sos makes of this machine: what is in it is known by its path, in the archive and unpacked.

Usage: test_sos.py MEMBERS, the program of members.c."""
import os
import shutil
import subprocess
import sys
import tarfile

from listing import equal, here, listed

PLUGINS = "networking,kernel,process,host,processor"
WANTED = ("sysctl -a", "uname -a", "hostname", "uptime", "lscpu", "netstat -s", "netstat -W -neopa", "/proc/stat",
          "/proc/cpuinfo", "/etc/sysctl.conf")


def skip(why):
    print(why)
    sys.exit(77)


def make_report():
    subprocess.run(["sos", "report", "--batch", "--only-plugins", PLUGINS, "--tmp-dir", here], capture_output=True,
                   timeout=250, check=True)
    (report,) = [name for name in os.listdir(here) if name.startswith("sosreport") and name.endswith(".tar.xz")]
    return report


def check(source):
    got = listed(source, text=False)
    taken = {row["command"] or row["file"]: row["bytes"] for row in got.members if "file" in row}
    for capture in WANTED:
        assert taken.get(capture), (capture, sorted(taken))
    equal(set(got.skipped.values()), {"it is a link"})
    return taken


def main():
    if os.geteuid():
        skip("sos wants to be root")
    if not shutil.which("sos"):
        skip("sos is not installed")
    report = make_report()
    with tarfile.open(os.path.join(here, report)) as tar:
        tar.extractall(os.path.join(here, "unpacked"))
    if listed(report).error:
        skip("this build reads no archives")
    equal(check(report), check("unpacked"))


main()
