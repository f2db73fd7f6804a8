#!/usr/bin/python3
"""apply and revert on a host of their own, from a fault to a host that is as before."""
import fcntl
import json
import os
import pty
import shutil
import socket
import subprocess

import host
from host import FAILED, OK, OWN_FILE, STORE, USAGE

FIN, MORE, PORTS = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_syn_retries", "net.ipv4.ip_local_port_range"
RMEM, RESERVED = "net.ipv4.tcp_rmem", "net.ipv4.ip_local_reserved_ports"
DEFAULTS = {FIN: "60", MORE: "6", PORTS: "32768 60999", RMEM: "4096 131072 6291456", RESERVED: "",
            "net.ipv4.tcp_tw_reuse": "2"}
RULES = "/run/rules.json"
MADE = ("--rules", RULES, "--only", "made")
PORT, NARROW, WAITING = 8080, 200, 190


def clean():
    """A host that nobody has changed."""
    for folder in ("/etc", "/var/lib"):
        for name in os.listdir(folder):
            shutil.rmtree(os.path.join(folder, name))
    os.makedirs("/etc/sysctl.d")
    for key, value in DEFAULTS.items():
        host.put(key, value)
    host.pack(RULES, host.rule("made", FIN, "31"), host.rule("more", MORE, "5"))


def made(*fixes, when=FIN):
    host.pack(RULES, host.rule("made", when, "31", list(fixes)))


def unchanged(before, *tops):
    assert host.state(*tops) == before, host.difference(before, host.state(*tops))


# ---- from a fault to a cure ----

def exhaust_ports():
    """TIME_WAIT of nearly all local ports to one destination."""
    listener = host.ns.Listener(host.ns.HERE, PORT, backlog=WAITING)
    for _ in range(WAITING):
        client = socket.create_connection((host.ns.HERE, PORT))
        server = listener.socket.accept()[0]
        client.close()
        server.recv(1)
        server.close()
    return listener


def test_fault_cured_and_back():
    host.put(PORTS, f"40000 {40000 + NARROW - 1}")
    listener = exhaust_ports()
    before = host.state("/etc")
    look = ("--only", "ephemeral-port-exhaustion")
    said = host.expect(host.apply("--yes", *look), OK, "To be set", "a new file", "gone: 190 of 200 local ports").stdout
    assert "To take it back: tcpadvise revert 1" in said, said
    assert (host.get(PORTS), host.get("net.ipv4.tcp_tw_reuse")) == ("32768 60999", "1")
    assert host.read(OWN_FILE).decode() == (
        "# /etc/sysctl.d/90-tcpadvise.conf\n# for ephemeral-port-exhaustion\nnet.ipv4.tcp_tw_reuse = 1\n"
        "net.ipv4.ip_local_port_range = 32768 60999\n")
    record, = host.records()
    assert record["state"] == "applied" and "effects" not in record, record
    assert [(a.get("key"), a["old"]) for a in record["actions"]] == [
        (None, None), ("net.ipv4.tcp_tw_reuse", "2"), (PORTS, "40000 40199")], record
    host.expect(host.revert(), OK, "as it was")
    unchanged(before, "/etc")
    host.expect(host.revert(), FAILED, "there is nothing to take back")
    listener.socket.close()


def test_json():
    record = json.loads(host.expect(host.apply("--yes", *MADE, "--format", "json"), OK).stdout)
    host.validate(record)
    assert record["effects"][0]["change"] == "cleared", record["effects"]
    taken = json.loads(host.expect(host.revert("--format", "json"), OK).stdout)
    host.validate(taken)
    assert {action["outcome"] for action in taken["actions"]} == {"restored"}, taken


# ---- asked, and not ----

def test_only_looking():
    before = host.state()
    host.expect(host.apply("--dry-run", *MADE), OK, f"{FIN}: 60 -> 31")
    shown = json.loads(host.expect(host.apply("--dry-run", "--format", "json", *MADE), OK).stdout)
    host.validate(shown)
    assert shown["state"] == "prepared", shown
    host.expect(host.apply(*MADE), USAGE, "standard input is no terminal")
    host.expect(host.revert("--list"), OK, "Nothing was changed")
    host.expect(host.revert(), FAILED, "there is nothing to take back")
    host.expect(host.revert("1"), FAILED, "there is no change 1")
    unchanged(before)


def answer(text):
    """apply at a terminal at which somebody types this."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([host.TOOL, "apply", *host.QUICK, "--settle", "0", *MADE], stdin=theirs,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        os.close(theirs)
        os.write(ours, text)
        said = process.communicate()[0]
    os.close(ours)
    return process.returncode, said


def test_asked():
    before = host.state()
    for no in (b"n\n", b"\n", b"\x04", b"no\n"):
        status, said = answer(no)
        assert status == FAILED and "Make these 2 changes? [y/N]" in said and "not agreed" in said, (status, said)
    unchanged(before)
    status, said = answer(b"y\n")
    assert status == OK and host.get(FIN) == "31", (status, said)


# ---- taken back ----

def test_changed_since():
    """What somebody else has set or written since stays."""
    host.expect(host.apply("--yes", *MADE), OK)
    host.put(FIN, "45")
    host.write(OWN_FILE, "# mine\n")
    host.expect(host.revert(), OK, f"{FIN}: left alone: somebody else changed it", f"{OWN_FILE}: left alone")
    assert host.get(FIN) == "45" and host.read(OWN_FILE) == b"# mine\n"
    assert host.records()[0]["state"] == "reverted"


def test_set_back_by_hand():
    host.expect(host.apply("--yes", *MADE), OK)
    host.put(FIN, "60")
    os.unlink(OWN_FILE)
    host.expect(host.revert(), OK, f"{FIN}: as it was", f"{OWN_FILE}: as it was")


def test_stacked():
    host.write(OWN_FILE, "# mine\nnet.ipv4.tcp_sack = 1")
    before = host.state("/etc")
    host.expect(host.apply("--yes", *MADE), OK)
    between = host.state("/etc")
    host.expect(host.apply("--yes", "--rules", RULES, "--only", "more"), OK)
    lines = host.read(OWN_FILE).decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "net.ipv4.tcp_sack = 1", f"{FIN} = 31", f"{MORE} = 5"], lines
    assert "# mine" in lines
    listed = host.expect(host.revert("--list"), OK, "change 1 of", "change 2 of").stdout
    assert f"{MORE}: 6 -> 5" in listed, listed
    after = host.state("/etc")
    host.expect(host.revert("3"), FAILED, "there is no change 3")
    host.expect(host.revert("1"), FAILED, "change 2 was made on top of it: take that back first")
    unchanged(after, "/etc")
    host.expect(host.revert(), OK, "change 2 of")
    unchanged(between, "/etc")
    host.expect(host.revert("2"), FAILED, "change 2 is reverted already")
    host.expect(host.revert("1"), OK)
    unchanged(before, "/etc")
    for rule in ("made", "more"):
        host.expect(host.apply("--yes", "--rules", RULES, "--only", rule), OK)
    host.expect(host.revert("--all"), OK, "change 4 of", "change 3 of")
    unchanged(before, "/etc")
    for wrong in (("0",), ("x",), ("-1",), ("1", "--all"), ("--all", "--list")):
        assert host.revert(*wrong).returncode == USAGE, wrong


def test_limit():
    with subprocess.Popen(["sleep", "60"]) as process:
        subprocess.run(["prlimit", "--pid", str(process.pid), "--nofile=256:512"], check=True)
        made(host.limits(process.pid, 300, 512))
        host.expect(host.apply("--yes", *MADE, look=("--sample", "0")), OK, "256:512 -> 300:512")
        limit = ["prlimit", "--pid", str(process.pid), "--nofile", "--raw", "-o", "SOFT,HARD", "--noheadings"]
        assert subprocess.check_output(limit).split() == [b"300", b"512"]
        host.expect(host.revert(), OK, "as it was")
        assert subprocess.check_output(limit).split() == [b"256", b"512"]
        host.expect(host.apply("--yes", *MADE, look=("--sample", "0")), OK)
        process.kill()
    host.expect(host.revert(), OK, "nofile of sleep", "gone, with what it was of")


# ---- values that are not a plain number ----

def test_values():
    odd = ",".join(str(port) for port in range(1025, 9000, 2))  # more than a page of them
    for key, old, new in ((RMEM, "4096 131072 6291456", "4096 87380 4194304"), (RESERVED, "", "8080,9100-9110"),
                          (RESERVED, odd, "8080")):
        clean()
        write_ports(old) if key == RESERVED else host.put(key, old)
        made(host.sets({key: new}))
        before = host.state("/etc")
        host.expect(host.apply("--yes", *MADE), OK)
        assert host.get(key) == new, (key, host.get(key))
        assert f"\n{key} = {new}\n" in host.read(OWN_FILE).decode()
        host.expect(host.revert(), OK, "as it was")
        unchanged(before, "/etc")


def write_ports(text):
    """A page after the other, as the kernel takes them."""
    fd = os.open(host.path_of(RESERVED), os.O_WRONLY)
    rest = (text or "\n").encode()
    while rest:
        rest = rest[os.write(fd, rest):]
    os.close(fd)


def test_file_forms():
    """Whatever is in the file comes back as it was; what sets the same key in other words is replaced."""
    for old in ("", "\n", "net/ipv4/tcp_fin_timeout=5", "-net.ipv4.tcp_fin_timeout = 5\r\nx y z\r\n", "# \u202e\x1b[31m\n",
                "net.ipv4.tcp_sack = 1\n" * 100):
        clean()
        host.write(OWN_FILE, old)
        os.chmod(OWN_FILE, 0o644)
        before = host.state("/etc")
        host.expect(host.apply("--yes", *MADE), OK)
        text = host.read(OWN_FILE).decode()
        assert text.count("tcp_fin_timeout") == 1 and text.endswith(f"{FIN} = 31\n"), text
        host.expect(host.revert(), OK)
        unchanged(before, "/etc")


def test_umask():
    """The file is for all readers of sysctl.d, and the record is for root."""
    made_by = os.umask(0o077)
    try:
        os.rmdir("/etc/sysctl.d")
        host.expect(host.apply("--yes", *MADE), OK)
        host.expect(host.revert(), OK)
        assert not os.path.exists("/etc/sysctl.d")
    finally:
        os.umask(made_by)


# ---- what keeps it from being done ----

def refused(*texts, status=FAILED, options=()):
    """apply says no, and everything is as before."""
    before = host.state("/etc")
    host.expect(host.apply("--yes", *MADE, *options), status, *texts)
    unchanged(before, "/etc")


def test_no_file_of_ours():
    for make, text in ((os.mkdir, "is no plain file"),
                       (lambda path: os.symlink("/dev/null", path), "but a link"),
                       (lambda path: os.symlink("/nowhere", path), "but a link"),
                       (lambda path: host.write(path, "a\0b\n"), "is no text")):
        clean()
        make(OWN_FILE)
        refused("nothing was changed", text)
        host.expect(host.apply("--yes", *MADE, "--runtime-only"), OK)
        assert host.get(FIN) == "31"
        if not os.path.isdir(OWN_FILE):
            os.unlink(OWN_FILE)
        else:
            os.rmdir(OWN_FILE)


def test_read_only():
    """The second of two settings can't be written: the first, and the file, are taken back."""
    made(host.sets({FIN: "31", PORTS: "30000 40000"}))
    path = host.path_of(PORTS)
    host.ns.run("mount", "--bind", path, path)
    host.ns.run("mount", "-o", "remount,bind,ro", path)
    try:
        refused("all was taken back", "Read-only file system")
        assert host.records()[0]["state"] == "taken_back" and PORTS.replace(".", "/") in host.records()[0]["error"]
        host.expect(host.revert("1"), FAILED, "change 1 is taken back already")
    finally:
        host.ns.run("umount", path)


def test_read_only_folders():
    for folder, text in (("/etc/sysctl.d", "all was taken back"), ("/var/lib", "nothing was changed")):
        clean()
        host.ns.run("mount", "--bind", folder, folder)
        host.ns.run("mount", "-o", "remount,bind,ro", folder)
        try:
            refused(text, "Read-only file system")
        finally:
            host.ns.run("umount", folder)


def test_disk_full():
    """Room for the record but not for the file; for a record but not for a second one."""
    for folder in ("/etc/sysctl.d", STORE):
        for pages in range(0, 3):
            clean()
            os.makedirs(folder, exist_ok=True)
            host.ns.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
            try:
                fill(folder, pages)
                before = host.state("/etc/sysctl.d")
                done = host.apply("--yes", *MADE)
                if done.returncode == OK:
                    assert host.get(FIN) == "31"
                else:
                    host.expect(done, FAILED, "No space left on device")
                    unchanged(before, "/etc/sysctl.d")
                    assert pages < 2, "there was room"
                os.unlink(os.path.join(folder, "ballast"))
                host.revert()
                unchanged({key: value for key, value in before.items() if "ballast" not in key}, "/etc/sysctl.d")
                assert not host.temporaries()
            finally:
                host.ns.run("umount", folder)


def fill(folder, pages):
    """Leaves so many pages."""
    with open(os.path.join(folder, "ballast"), "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            file.truncate(max(0, file.tell() - 4096 * pages))


def test_lock():
    os.makedirs(STORE)
    with open(os.path.join(STORE, "lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused("nothing was changed", "another tcpadvise is at work")
        host.expect(host.revert(), FAILED, "another tcpadvise is at work")


def test_changed_while_asked():
    """Somebody else's apply, while this one waits for an answer."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([host.TOOL, "apply", *host.QUICK, "--settle", "0", *MADE], stdin=theirs,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        os.close(theirs)
        asked = process.stderr.read(len("Make these 2 changes? [y/N] "))
        host.expect(host.apply("--yes", "--rules", RULES, "--only", "more"), OK)
        after = host.state("/etc")
        os.write(ours, b"y\n")
        said = process.communicate()[1]
    os.close(ours)
    assert asked == "Make these 2 changes? [y/N] ", asked
    assert process.returncode == FAILED and "was changed since the plan was made" in said, said
    unchanged(after, "/etc")
    host.expect(host.revert("--all"), OK)


# ---- records that are not ----

def test_bad_records():
    host.expect(host.apply("--yes", *MADE), OK)
    path = os.path.join(STORE, "0001.json")
    good = host.read(path).decode()
    after = host.state("/etc")
    for bad in ("", "{", good.replace("change/1", "change/2"), good.replace('"id": 1', '"id": 2'), good[:len(good) // 2],
                good.replace("sysctl\"", "sysctl\x01\"", 1), good.replace('"kind": "sysctl"', '"kind": "moon"'),
                good.replace('"old": "60"', '"old": null'), good.replace('"old": "60"', '"young": "60"'),
                good.replace('"path": "/', '"path": "'), '{"schema": "tcpadvise.change/1"}', "[" * 5000, "\udcff"):
        assert bad != good
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(bad)
        for command in (("revert",), ("revert", "--list"), ("revert", "1"), ("revert", "--all"),
                        ("apply", "--yes", *host.QUICK, "--rules", RULES, "--only", "more")):
            host.expect(host.run(*command), FAILED, path)
        assert host.read(path).decode(errors="surrogateescape") == bad
        unchanged(after, "/etc")
    host.write(path, good)
    host.expect(host.revert(), OK)


def test_broken_off_at_the_end():
    """All was set, and the record does not say so: nothing is left to set, and there is more to say."""
    host.expect(host.apply("--yes", *MADE), OK)
    path = os.path.join(STORE, "0001.json")
    host.write(path, host.read(path).decode().replace('"state": "applied"', '"state": "begun"'))
    host.expect(host.apply("--yes", *MADE), OK, "There is nothing that apply could set",
                "Change 1 was broken off: tcpadvise revert takes it back")
    host.expect(host.revert(), OK, "as it was")


# ---- rules that are refused ----

def test_high_risk():
    made(host.sets({FIN: "31"}, risk="high"))
    before = host.state()
    host.expect(host.apply("--yes", *MADE), OK, "its risk is high", "There is nothing that apply could set")
    unchanged(before)
    host.expect(host.apply("--yes", *MADE, "--force", "net.ipv4.tcp_sack"), OK, "There is nothing that apply could set")
    host.expect(host.apply("--yes", *MADE, "--force", FIN), OK)
    assert host.get(FIN) == "31"


def test_out_of_range():
    for key, value in (("net.ipv4.tcp_window_scaling", "300"), (PORTS, "60000 50000"), (RMEM, "x y z")):
        clean()
        made(host.sets({key: value}))
        before = host.state()
        host.expect(host.apply("--yes", *MADE, "--force", key), OK, "There is nothing that apply could set")
        unchanged(before)


def test_owners():
    line = f"{FIN} = 50\n"
    host.write("/etc/sysctl.d/99-x.conf", line)
    before = host.state()
    host.expect(host.apply("--yes", *MADE), OK, "/etc/sysctl.d/99-x.conf, line 1",
                "There is nothing that apply could set")
    unchanged(before)
    host.expect(host.apply("--yes", *MADE, "--force", FIN), OK)
    assert host.get(FIN) == "31"
    host.expect(host.revert(), OK)
    host.write("/etc/sysctl.d/99-x.conf", f"{FIN} = 31\n")  # one that sets the same
    host.expect(host.apply("--yes", *MADE), OK)
    assert host.get(FIN) == "31"


def owned(key, value, *texts):
    """A change that somebody else would set back is made only when it is named."""
    made(host.sets({key: value}))
    before = host.get(key)
    look = ("--sample", "0")
    host.expect(host.apply("--yes", *MADE, look=look), OK, *texts, "There is nothing that apply could set")
    assert host.get(key) == before
    host.expect(host.apply("--yes", *MADE, "--force", key, look=look), OK)
    assert host.get(key) == value
    host.expect(host.revert(), OK)


def test_owner_program():
    shutil.copy(shutil.which("sleep"), "/run/bpftune")
    with subprocess.Popen(["/run/bpftune", "60"]) as process:
        owned(RMEM, "4096 87380 4194304", "bpftune")
        process.kill()


def test_owner_tuned():
    with subprocess.Popen(["sleep", "60"]) as process:
        host.write("/run/tuned/tuned.pid", f"{process.pid}\n")
        host.write("/etc/tuned/active_profile", "mine\n")
        host.write("/etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n")
        host.write("/etc/tuned/mine/tuned.conf", f"[sysctl]\n{FIN} = 50\n")
        owned(FIN, "31", "TuneD")
        process.kill()
    shutil.rmtree("/run/tuned")


# ---- elsewhere ----

def test_namespace():
    host.ns.run("ip", "netns", "add", "apply-blue")
    inside = ["ip", "netns", "exec", "apply-blue", "cat", host.path_of(FIN)]
    options = ("--yes", *MADE, "--netns", "apply-blue")
    try:
        own = host.state("/etc")
        host.expect(host.apply(*options), OK, f"{FIN} in apply-blue: 60 -> 31")
        assert subprocess.check_output(inside) == b"31\n"
        unchanged(own, "/etc")
        host.expect(host.revert(), OK, f"{FIN} in apply-blue: as it was")
        assert subprocess.check_output(inside) == b"60\n"
        host.expect(host.apply(*options), OK)
    finally:
        host.ns.run("ip", "netns", "delete", "apply-blue")
    host.expect(host.revert(), OK, f"{FIN} in apply-blue: gone")
    host.ns.run("ip", "netns", "add", "apply-blue")  # another one of this name
    try:
        assert host.apply(*options).returncode == OK
    finally:
        host.ns.run("ip", "netns", "delete", "apply-blue")
    unchanged(own, "/etc")


def test_runtime_only():
    before = host.tree("/etc")
    host.expect(host.apply("--yes", *MADE, "--runtime-only"), OK)
    assert host.get(FIN) == "31" and host.tree("/etc") == before
    host.expect(host.revert(), OK)
    assert host.get(FIN) == "60"


def main():
    host.enter()
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            clean()
            test()
            assert not host.temporaries(), (name, host.temporaries())
            print("ok", name, flush=True)


if __name__ == "__main__":
    main()
