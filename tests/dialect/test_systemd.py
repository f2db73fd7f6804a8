#!/usr/bin/python3
"""Dialect "systemd": the drop-ins, read by the manager itself (systemd --test), which tells what it understood."""
import os
import re
import subprocess

import dialect as d

MANAGER = "/usr/lib/systemd/systemd"
UNITS = ("web.service", "db@1.service")
NOBODY = 65534


def put_units():
    for target in ("default", "sysinit", "basic", "shutdown"):
        d.write(f"{target}.target", "[Unit]\nDefaultDependencies=no\n")
    for name in ("web.service", "db@.service"):
        d.write(name, "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n")


def put_drop_ins(text):
    """Each part where its first line says."""
    parts = re.split(r"^# /etc/systemd/system/(\S+)/90-tcpadvise\.conf\n", text, flags=re.M)
    assert parts[0] == "", parts
    for folder, part in zip(parts[1::2], parts[2::2]):
        os.makedirs(folder, exist_ok=True)
        d.write(f"{folder}/90-tcpadvise.conf", part)


def understood(unit):
    """{word: value}, and the command lines, of what the manager loaded. It does not want to be root for that."""
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    done = subprocess.run([*as_nobody, MANAGER, "--test", "--system", f"--unit={unit}", "--no-pager"], check=True,
                          env={"SYSTEMD_UNIT_PATH": os.getcwd(), "PATH": os.environ["PATH"]},
                          capture_output=True, text=True)
    assert "90-tcpadvise.conf:" not in done.stderr, done.stderr
    part = re.search(rf"^\t-> Unit {re.escape(unit)}:\n(.*?)(?=^\t-> |\Z)", done.stdout, re.M | re.S).group(1)
    words = dict(re.findall(r"^\t\t(Limit\w+): (\S+)$", part, re.M))
    return words, re.findall(r"Command Line: (.*)$", part, re.M)


def main():
    d.need("setpriv", MANAGER)
    with d.directory():
        put_units()
        items = [d.limit("nofile", "8192:131072", unit="web.service", why="a-rule"),
                 d.limit("nproc", "unlimited", unit="db@1.service"),
                 d.limit("nofile", "5000", unit="db@1.service"),
                 *d.settings(d.SETTINGS, d.LISTS, unit="web.service")]
        put_drop_ins(d.text_of("systemd", items))
        web, commands = understood("web.service")
        assert (web["LimitNOFILESoft"], web["LimitNOFILE"]) == ("8192", "131072"), web
        expected = [f"{key}={' '.join(value.split())}" for key, value in {**d.SETTINGS, **d.LISTS}.items()]
        assert [plain(line.removeprefix("sysctl -w ")) for line in commands[:-1]] == expected, commands
        other, commands = understood("db@1.service")
        assert (other["LimitNOFILESoft"], other["LimitNOFILE"]) == ("5000", "5000"), other
        assert other["LimitNPROC"] == other["LimitNPROCSoft"] == str(2 ** 64 - 1), other
        assert commands == ["/bin/true"], commands
        check_hostile()
    d.check_refusals("systemd")
    print("the manager understood every drop-in")


def plain(word):
    """The manager prints words as a shell would take them."""
    return re.sub(r'\\([`"$\\])', r"\1", word[1:-1]) if word[0] == '"' else word


def check_hostile():
    """What it takes reaches the command as it is."""
    items = [d.setting(f"net.core.x{i}", value, unit="web.service") for i, value in enumerate(d.HOSTILE)]
    text, taken = d.printed("systemd", items)
    put_drop_ins(text)
    _, commands = understood("web.service")
    words = [f"{item['key']}={item['value']}" for item, ok in zip(items, taken) if ok]
    assert len(words) > 5
    assert [plain(line.removeprefix("sysctl -w ")) for line in commands[:-1]] == words, (commands, words)
    for unit in ("", "x", ".service", "-x.service", "a/b.service", "a b.service", "x.socket", "../x.service",
                 "a\n.service", "x%n.service"):
        d.refuses("systemd", [d.limit("nofile", "5", unit=unit), d.setting("net.core.somaxconn", "5", unit=unit)])


if __name__ == "__main__":
    main()
