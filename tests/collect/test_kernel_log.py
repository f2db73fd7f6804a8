#!/usr/bin/python3
"""Makes the kernel say that a SYN queue is full and looks for it in a snapshot; then what a user writes to
the log, and logs that can't be read."""
import json
import os
import random
import subprocess
import sys
import time

import jsonschema

import namespace as ns

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules/schema/snapshot.schema.json")
LOG = "/dev/kmsg"
NOBODY = 65534
ATTEMPTS = 4           # the kernel prints 10 lines of the network in 5 s, others' too
RATE_LIMIT_SECONDS = 5.5
# tcp_syn_flood_action() notes without a lock that a listener was told of: processors may race.
MOST_LINES = os.cpu_count()
FORGED = "<6>TCP: too many orphaned sockets (a test wrote this, it is not true)\n"


def take(*command, **how):
    options = ["--sample", "0", "--no-processes"]
    done = subprocess.run([*command, TOOL, "snapshot", *options], capture_output=True, check=True,
                          **how)
    snapshot = json.loads(done.stdout)
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(snapshot)
    return snapshot


def can_read():
    try:
        os.close(os.open(LOG, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        print(f"{LOG}: {error.strerror}")
        return False
    return True


def gap_of(snapshot):
    gaps = [gap for gap in snapshot["gaps"] if "kernel_log" in gap["facts"]]
    assert len(gaps) == 1 and "kernel_log" not in snapshot, (gaps, snapshot.get("kernel_log"))
    return gaps[0]


def flood(cookies, port):
    """40 clients that never answer, for a queue of 5."""
    ns.write("/proc/sys/net/ipv4/tcp_syncookies", str(cookies))
    listener = ns.Listener(ns.HERE, port, backlog=5)
    for source_port in range(1, 41):
        ns.send_syn(ns.SINK, 6000 + source_port, ns.HERE, port)
    time.sleep(0.1)
    listener.socket.close()


def check_flood(cookies, event, word):
    for _ in range(ATTEMPTS):
        port = random.randrange(21000, 32000)
        started = time.monotonic()
        flood(cookies, port)
        # The log remembers other runs: one of them may have had the same port.
        rows = [row for row in take()["kernel_log"] if row.get("port") == port
                and row["age_s"] <= time.monotonic() - started + 1]
        if rows:
            break
        time.sleep(RATE_LIMIT_SECONDS)
    else:
        print("not tried: the kernel prints too much else")
        return
    row, = rows
    assert row["event"] == event and 1 <= row["count"] <= MOST_LINES, row
    assert "SYN flooding on port" in row["text"] and word in row["text"], row
    assert row["age_s"] >= 0, row
    print(row)


def check_forged():
    try:
        with open(LOG, "w", encoding="ascii") as log:
            log.write(FORGED)
    except OSError as error:
        print("not tried: writing to the log:", error.strerror)
        return
    with open(LOG, "rb", buffering=0, opener=lambda path, flags: os.open(
            path, flags | os.O_NONBLOCK)) as log:
        seen = False
        while record := read_record(log):
            seen |= b"a test wrote this" in record
    assert seen, "the line did not get into the log"
    wrong = [row for row in take()["kernel_log"] if "not true" in row["text"]]
    assert not wrong, wrong


def read_record(log):
    while True:
        try:
            return log.read(8192)
        except BrokenPipeError:
            pass


def check_nobody():
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if subprocess.run([*drop, TOOL, "--version"], capture_output=True, check=False).returncode:
        print("not tried: nobody can't run the program from its folder")
        return
    probe = [*drop, "dd", f"if={LOG}", "iflag=nonblock", "count=0"]
    may = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    snapshot = take(*drop)
    if may:
        assert "kernel_log" in snapshot
    else:
        assert "CAP_SYSLOG" in gap_of(snapshot)["why"], snapshot["gaps"]
    print("nobody may read the log:", may)


def check_container():
    """Without /dev/kmsg, and with another device in its place."""
    for target, why in (("/dev/null", "another device"), (None, "No such file")):
        mount = (f"mount --bind {target} {LOG}" if target else "mount -t tmpfs none /dev")
        command = ["unshare", "-m", "sh", "-c", f"{mount} && exec \"$@\"", "sh"]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
            print("not tried:", mount)
            continue
        assert why in gap_of(take(*command))["why"]


def main():
    ns.enter()
    if os.geteuid() != 0:
        ns.skip("needs root")
    check_container()
    if not can_read():
        ns.skip("the log can't be read here")
    check_nobody()
    check_flood(1, "syn_flood_cookies", "Sending cookies")
    check_flood(0, "syn_flood_drop", "Dropping request")
    check_forged()


if __name__ == "__main__":
    sys.exit(main())
