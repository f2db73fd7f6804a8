#!/usr/bin/python3
"""Dialects "sysctl.d" and "shell": both programs that read the files, and a real shell."""
import os
import signal
import subprocess

import dialect as d

READERS = (["/usr/lib/systemd/systemd-sysctl"], ["sysctl", "-p"])
FAKE = """#!/bin/sh
printf '%s\\n' "$@" >>arguments
"""


def check_readers():
    items = d.settings(d.SETTINGS, d.LISTS, d.DOTTED, why="a-rule, b-rule")
    text = d.text_of("sysctl.d", items)
    assert text.startswith("# /etc/sysctl.d/90-tcpadvise.conf\n# for a-rule, b-rule\nnet.core.somaxconn = 4321\n"), text
    d.write("ours.conf", text)
    d.write("clear.conf", d.text_of("sysctl.d", [d.setting(key, "") for key in d.LISTS]))
    for reader in READERS:
        with d.sets(d.SETTINGS, d.LISTS, d.DOTTED):
            d.run(*reader, os.path.abspath("ours.conf"))
        d.write(d.path_of("net.ipv4.ip_local_reserved_ports"), "5")
        d.run(*reader, os.path.abspath("clear.conf"))
        assert d.value_of("net.ipv4.ip_local_reserved_ports") == []


def check_hostile_lines():
    """Whatever the value is, a line is a line: the next one counts as well. Nothing is run. There is no such key, which
    the readers say or don't."""
    for value in d.HOSTILE:
        text = d.text_of("sysctl.d", [d.setting("net.ipv4.no_such_key", value), *d.settings(d.SETTINGS)])
        d.write("ours.conf", text)
        for reader in READERS:
            with d.sets(d.SETTINGS):
                subprocess.run([*reader, os.path.abspath("ours.conf")], check=False, capture_output=True)
    assert not os.path.exists("pwned")


def check_shell():
    with d.sets(d.SETTINGS, d.LISTS, d.DOTTED):
        d.run("sh", "-ec", d.text_of("shell", d.settings(d.SETTINGS, d.LISTS, d.DOTTED, why="a-rule")))


def check_words():
    """Each value is one word to a shell, whatever is in it."""
    os.mkdir("bin")
    d.write("bin/sysctl", FAKE)
    os.chmod("bin/sysctl", 0o755)
    text = d.text_of("shell", [d.setting(f"net.core.x{i}", value) for i, value in enumerate(d.HOSTILE)])
    subprocess.run(["sh", "-ec", text], check=True, env={"PATH": os.path.abspath("bin") + ":/usr/bin:/bin"})
    with open("arguments", encoding="ascii") as file:
        words = file.read().split("\n")[:-1]
    assert words == [word for i, value in enumerate(d.HOSTILE) for word in ("-w", f"net.core.x{i}={value}")], words
    assert not os.path.exists("pwned")


def check_way():
    """In another namespace, by the way that the item tells."""
    other = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 60"], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"ready\n"
    way = f"nsenter --target {other.pid} --net "
    before = d.snapshot([d.SETTINGS])
    d.run("sh", "-ec", d.text_of("shell", d.settings(d.SETTINGS, enter=way)))
    for key, value in d.SETTINGS.items():
        assert d.output(*way.split(), "sysctl", "-n", key).split() == value.split(), key
    assert d.snapshot([d.SETTINGS]) == before
    other.send_signal(signal.SIGKILL)
    other.wait()
    # No file of the host reaches it, and without a way no shell does.
    for name in ("sysctl.d", "tuned", "ansible", "nixos"):
        d.refuses(name, d.settings(d.SETTINGS, enter=way))
        d.refuses(name, d.settings(d.SETTINGS, unit="a.service"))
    d.refuses("shell", d.settings(d.SETTINGS, unit="a.service"))
    d.refuses("shell", d.settings(d.SETTINGS, enter="nsenter\n"))


def check_last_one_counts():
    text = d.text_of("sysctl.d", [d.setting("net.core.somaxconn", "1"), d.setting("net.ipv4.tcp_sack", "1"),
                                  d.setting("net/core/somaxconn", "2")])
    assert text.split("\n")[1:-1] == ["net.ipv4.tcp_sack = 1", "net.core.somaxconn = 2"], text


def main():
    d.need("sysctl", "unshare", READERS[0][0])
    d.enter()
    with d.directory():
        check_readers()
        check_hostile_lines()
        check_shell()
        check_words()
        check_way()
        check_last_one_counts()
    for name in ("shell", "sysctl.d", "prlimit"):
        d.check_refusals(name)
    print("systemd-sysctl, sysctl -p and sh set what was said")


if __name__ == "__main__":
    main()
