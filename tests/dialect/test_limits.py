#!/usr/bin/python3
"""Dialects "limits.conf" and "prlimit": a session by pam_limits, and a process that runs."""
import re
import resource
import subprocess

import dialect as d

FOLDER = "/etc/security/limits.d"
USER = "nobody"


def session():
    """The limits of a session of the user: descriptors, then tasks."""
    return limits_in(d.output("runuser", "-u", USER, "--", "cat", "/proc/self/limits"))


def limits_in(text):
    return [re.search(rf"^Max {name}\s+(\S+)\s+(\S+)", text, re.M).groups() for name in ("open files", "processes")]


def check_sessions():
    group = d.output("id", "-gn", USER).strip()
    d.cover(FOLDER)
    for domain in (USER, "@" + group, "*"):
        d.write(FOLDER + "/90-tcpadvise.conf", d.text_of("limits.conf", [
            d.limit("nofile", "777:888", user=domain, why="a-rule"), d.limit("nproc", "555:666", user=domain)]))
        assert session() == [("777", "888"), ("555", "666")], (domain, session())
    d.write(FOLDER + "/90-tcpadvise.conf", d.text_of("limits.conf", [d.limit("nofile", "999", user=USER)]))
    assert session()[0] == ("999", "999")
    for domain in ("", "# x", "a b", "-x", "@", "a\n* hard nofile 1", ":", "1:2:3", "$(id)", "x" * 100):
        for name in ("limits.conf", "ansible", "nixos"):
            d.refuses(name, [d.limit("nofile", "5", user=domain)])


def check_process():
    process = subprocess.Popen(["sleep", "60"])
    items = [d.limit("nofile", "333:444", pid=process.pid, why="a-rule"), d.limit("nproc", "222", pid=process.pid)]
    for name, wanted in (("prlimit", "333"), ("shell", "334")):
        items[0]["value"] = wanted + ":444"
        d.run("sh", "-ec", d.text_of(name, items))
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
            assert limits_in(file.read()) == [(wanted, "444"), ("222", "222")]
    # The hard one stays; what is made anew has none yet.
    d.run("sh", "-ec", d.text_of("prlimit", [d.limit("nofile", "111:", pid=process.pid)]))
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
        assert limits_in(file.read())[0] == ("111", "444")
    for name in ("systemd", "limits.conf", "docker", "podman", "compose", "ansible", "nixos"):
        d.refuses(name, [d.limit("nofile", "111:", user="www", unit="a.service", pid=process.pid)])
    process.kill()
    process.wait()
    for pid in (0, -1):
        d.refuses("prlimit", [d.limit("nofile", "5", pid=pid)])
        d.refuses("shell", [d.limit("nofile", "5", pid=pid)])
    d.refuses("prlimit", d.settings(d.SETTINGS))


def main():
    d.need("runuser", "prlimit")
    d.enter()
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    check_sessions()
    check_process()
    d.check_refusals("limits.conf")
    print("pam_limits and prlimit set what was said")


if __name__ == "__main__":
    main()
