#!/usr/bin/env python3
"""Odd and hostile input: no crash, no message that is none, no fact that was not there.

The program under test is the one with sanitizers in a development build: what they find ends it with a
status that is none of ours."""
import concurrent.futures
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile

TOOL = os.environ["TCPADVISE"]
NOTHING = 3
SS = ("$ ss -tan\nState      Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
      "LISTEN     3      128          0.0.0.0:8080      0.0.0.0:*\n"
      "ESTAB      0      0           10.0.0.5:8080     10.0.0.9:43532\n")
MIXED = SS + """CLOSE-WAIT 1      0           10.0.0.5:8080     10.0.0.9:43999
root@web1:~# netstat -s
TcpExt:
    66120 times the listen queue of a socket overflowed
    1300 packets pruned from receive queue because of socket buffer overrun
root@web1:~# sysctl net.core.somaxconn net.ipv4.tcp_rmem
net.core.somaxconn = 12800
net.ipv4.tcp_rmem = 4096\t131072\t6291456
root@web1:~# cat /proc/net/sockstat
sockets: used 1510
TCP: inuse 30 orphan 10 tw 24 alloc 45 mem 17
root@web1:~# cat /proc/312/limits
Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 4096                 files
root@web1:~# uname -r
5.10.0-28-amd64
[1694413.644132] TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.  Check SNMP counters.
accept4() failed (23: Too many open files in system)
root@web1:~# nstat -az
#kernel
TcpExtListenDrops               31337              0.0
"""


def run(command, data=b"", path="-"):
    done = subprocess.run([TOOL, command, "--input", path], input=data, capture_output=True, timeout=250, check=False)
    error = done.stderr.decode(errors="replace")
    assert done.returncode in (0, 1, 2, NOTHING) and "Sanitizer" not in error and "runtime error" not in error, \
        f"status {done.returncode}: {error[-2000:]}"
    return done


def snapshot(data, path="-"):
    """The document, or None where the program says that there is nothing in it."""
    done = run("snapshot", data, path)
    if done.returncode:
        assert done.returncode == NOTHING and done.stderr.startswith(b"tcpadvise: "), done.stderr
        return None
    return json.loads(done.stdout)


def sockets(document):
    return {name: count for name, count in document["namespaces"][0]["sockets"].items() if count}


def test_nothing():
    for data in (b"", b" \n\t\n   \n" * 1000, b"\0" * 100000, os.urandom(1 << 20), b"\xff\xfe", b"\x1f\x8b",
                 b"Hello,\nwe have a problem with connections.\n", b"\n" * 1000000):
        assert snapshot(data) is None, data[:40]
    assert snapshot(b"", TOOL) is None, "a program"


def test_encodings():
    wanted = sockets(snapshot(SS.encode()))
    assert wanted["established"] == 1, wanted
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        assert sockets(snapshot(SS.encode(encoding))) == wanted, encoding
    assert sockets(snapshot(SS.replace("\n", "\r\n").encode())) == wanted, "CRLF"
    prose = "Hier für Sie, wie gewünscht:\n".encode("latin-1")
    document = snapshot(prose + SS.encode() + b"Viele Gr\xfc\xdfe\n")
    assert sockets(document) == wanted, document
    assert json.dumps(document).isascii() or "\ufffd" in json.dumps(document, ensure_ascii=False), "no UTF-8"
    half = SS.encode("utf-16-le")[:-1]
    assert sockets(snapshot(half))["listen"] == 1, "half a character at the end"


def test_languages():
    rows = ("tcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN     \n"
            "tcp        1      0 10.0.0.5:8080           10.0.0.9:43532          CLOSE_WAIT \n")
    german = "Aktive Internetverbindungen (Server und stehende Verbindungen)\n" \
             "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
    chinese = "激活Internet连接 (服务器和已建立连接的)\n" \
              "Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
    for header in (german, chinese):
        found = sockets(snapshot(("$ netstat -ant\n" + header + rows).encode()))
        assert (found["listen"], found["close_wait"]) == (1, 1), found


def test_long_line():
    long = b"x" * (10 << 20)
    assert sockets(snapshot(SS.encode() + b"\n" + long + b"\nprose\n"))["established"] == 1
    assert snapshot(b"net.core.somaxconn = " + b"1" * (10 << 20) + b"\n") is None
    assert snapshot(b"LISTEN 0 128 " + b"[" * (10 << 20)) is None


def test_deep_archive():
    """Archives in archives end somewhere, and what is said of it is no error."""
    data, name = SS.encode(), "ss-tan.txt"
    for level in range(40):
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        data, name = gzip.compress(inner.getvalue()), f"level{level}.tar.gz"
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as file:
        file.write(data)
        file.flush()
        run("snapshot", b"", file.name)


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, path + (name,))
    elif isinstance(value, list):
        named = all(isinstance(row, dict) for row in value)
        for i, inner in enumerate(value):
            key = (inner.get("pid") or inner.get("local") or inner.get("remote") or inner.get("event")
                   or inner.get("error")) if named else i
            yield from leaves(inner, path + (key,))
    else:
        yield path, value


# How many sockets there are is what a listing has so far; the rest stands in one line.
COUNTS = {"sockets", "close_wait", "destinations", "owners", "states", "tcp_sockets", "count", "established", "queue",
          "queue_total", "close_wait_unaccepted", "syn_recv", "time_wait", "retrans", "retrans_bulk", "text", "ports"}


def facts(document):
    return {path: value for path, value in leaves({name: part for name, part in document.items()
                                                  if name not in ("evidence", "collection", "gaps")})
            if not COUNTS.intersection(path)}


def test_cut():
    """Wherever a paste is cut, what is left says nothing that all of it does not say."""
    data = MIXED.encode()
    whole = facts(snapshot(data))
    assert len(whole) > 20, whole
    cuts = [n for n in range(len(data)) if data[n - 1:n + 1] != b"  "]  # within blanks, once is enough
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        documents = list(pool.map(lambda n: snapshot(data[:n]), cuts))
    for n, document in zip(cuts, documents):
        wrong = {path: value for path, value in facts(document or {}).items() if whole.get(path, value) != value}
        new = set(facts(document or {})) - set(whole)
        assert not wrong, f"cut at {n}, after {data[max(0, n - 40):n]}: {wrong}"
        assert not new, f"cut at {n}, after {data[max(0, n - 40):n]}: {new}"


def test_many_sockets():
    """A million different sockets: bounded memory, and what is counted is right."""
    rows = 1000000
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"$ ss -tan\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
                   b"LISTEN 0 128 10.0.0.5:443 0.0.0.0:*\n")
        for i in range(rows):
            file.write(b"ESTAB 0 0 10.0.0.5:443 10.%d.%d.%d:%d\n"
                       % (1 + (i >> 16), i >> 8 & 255, i & 255, 1024 + i % 60000))
        file.flush()
        found = sockets(snapshot(b"", file.name))
    assert found["established"] == rows, found
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"  {rows} sockets: {peak >> 10} MiB at most")
    assert peak < 1 << 20, f"{peak} KiB"


def main():
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            print(name, flush=True)
            test()


if __name__ == "__main__":
    sys.exit(main())
