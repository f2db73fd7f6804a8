#!/usr/bin/python3
"""Dialect "tuned": the profile, activated by TuneD itself."""
import os
import shutil
import signal
import subprocess
import sys
import time

import dialect as d

PATIENCE_S = 20


def activate(text):
    """TuneD with the profile, once it said that it applied it."""
    os.makedirs("/etc/tuned/tcpadvise", exist_ok=True)
    d.write("/etc/tuned/tcpadvise/tuned.conf", text)
    log = os.path.abspath("log")
    d.write(log, "")
    daemon = subprocess.Popen([sys.executable, shutil.which("tuned"), "--no-dbus", "--no-socket",
                               "--profile", "tcpadvise", "--log", log],
                              stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": d.UNPACKED_PYTHON})
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and daemon.poll() is None:
        with open(log, encoding="utf-8") as file:
            said = file.read()
        if "from profile 'tcpadvise' applied" in said:
            return daemon, said
        time.sleep(0.05)
    daemon.kill()
    daemon.wait()
    raise AssertionError(said)


def end(daemon):
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(PATIENCE_S)


def main():
    d.need("tuned")
    d.enter()
    d.cover("/run")
    d.cover("/etc/tuned")
    d.cover("/etc/sysctl.d")
    os.mkdir("/run/tuned")
    d.write("/etc/tuned/tuned-main.conf", "")
    for key in d.LISTS:  # TuneD can't put an empty list back
        d.write(d.path_of(key), "5")
    with d.directory():
        with d.sets(d.SETTINGS, d.LISTS):
            before = d.snapshot([d.SETTINGS, d.LISTS])
            daemon, said = activate(d.text_of("tuned", d.settings(d.SETTINGS, d.LISTS, why="a-rule")))
            assert " ERROR " not in said, said
            now = d.snapshot([d.SETTINGS, d.LISTS])
            end(daemon)
            # It takes all back when it ends, so what it did is put there again, to be looked at.
            assert d.snapshot([d.SETTINGS, d.LISTS]) == before, (d.snapshot([d.SETTINGS, d.LISTS]), before)
            for key, words in now.items():
                d.write(d.path_of(key), " ".join(words) + "\n")
        check_include()
    check_what_it_would_read_otherwise()
    d.check_refusals("tuned")
    print("TuneD set what was said")


def check_include():
    """What the profile that was active did goes on."""
    os.mkdir("/etc/tuned/theirs")
    d.write("/etc/tuned/theirs/tuned.conf", "[sysctl]\nnet.ipv4.tcp_fin_timeout=29\nnet.core.somaxconn=1\n")
    ours = {"net.core.somaxconn": "4321"}
    daemon, _ = activate(d.text_of("tuned", d.settings(ours), tuned_profile="theirs"))
    assert d.value_of("net.ipv4.tcp_fin_timeout") == ["29"] and d.value_of("net.core.somaxconn") == ["4321"]
    end(daemon)
    for name in ("a b", "x\n[y]", "../x", "", "$(id)"):
        assert "include" not in d.text_of("tuned", d.settings(ours), tuned_profile=name), name


def check_what_it_would_read_otherwise():
    """Variables, functions, conditions and comments of its own, and slashes for all dots of a path."""
    d.refuses("tuned", [d.setting("net.core.x", value) for value in (
        "${HOME}", "${f:exec:id}", ">5", "<5", "x # y", ";", "a'b", '"a"', "", "[1]")])
    d.refuses("tuned", d.settings(d.DOTTED))


if __name__ == "__main__":
    main()
