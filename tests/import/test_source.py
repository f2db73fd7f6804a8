#!/usr/bin/python3
"""Where captured bytes come from: files, pipes, directories and archives, honest and hostile ones.

Usage: test_source.py MEMBERS, the program of members.c."""
import bz2
import gzip
import io
import lzma
import os
import signal
import socket
import subprocess
import sys
import tarfile
import zipfile

from listing import MEMBERS, equal, here, listed

SS = b"State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0 128 *:80 *:*\n"
TREE = {"sos_commands/networking/ss_-tan": SS, "proc/net/sockstat": b"sockets: used 3\n",
        "etc/sysctl.conf": b"# none\n"}
SYSTEM, UNSUPPORTED, INPUT = 2, 4, 5  # enum ta_code
children, processes = [], []


def put(name, data):
    path = os.path.join(here, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def tar_of(entries, top="", mode="w", **how):
    """Bytes of a tar of (TarInfo or name, bytes) pairs."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **how) as tar:
        for entry, data in entries:
            if isinstance(entry, str):
                entry = tarfile.TarInfo(top + entry)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def of_type(name, kind, target=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry, b""


def lone_files():
    put("ticket.txt", SS)
    for name in ("ticket.txt", os.path.join(here, "ticket.txt")):
        got = listed(name)
        equal([(row["name"], row["path"], row["text"].encode()) for row in got.members], [(name, None, SS)])
    put("empty", b"")
    equal([row["bytes"] for row in listed("empty").members], [0])
    os.symlink("ticket.txt", os.path.join(here, "link"))
    equal(listed("link").members[0]["text"].encode(), SS)


def standard_input():
    for data, want in ((SS, [("standard input", None)]), (b"", [("standard input", None)]),
                       (tar_of(TREE.items()), [("standard input:" + path, path) for path in TREE])):
        equal([(row["name"], row["path"]) for row in listed("-", input=data).members], want)


def a_named_pipe():
    """The shell's <(ss -tan): what the user names is read whatever it is."""
    read_end, write_end = os.pipe()
    os.write(write_end, SS)
    os.close(write_end)
    name = f"/dev/fd/{read_end}"
    equal(listed(name, pass_fds=[read_end]).members[0]["text"].encode(), SS)
    os.close(read_end)


def what_can_not_be_opened():
    equal(listed("absent").error["code"], SYSTEM)
    assert "can't open absent: No such file" in listed("absent").error["error"]
    got = listed("evil\x1b[2J\u202e")
    assert "evil\\x1b[2J\\u{202e}" in got.error["error"], got.error
    equal(got.status, 1)
    got = listed("/proc/self/mem")  # opens, and fails at the first byte
    equal((got.error["code"], got.members), (SYSTEM, []))


def directories():
    for path, data in TREE.items():
        put("plain/" + path, data)
        put("packed/sosreport-x/" + path, data)
        put("two/a/" + path, data)
    put("two/b/ss.txt", SS)
    put("root/proc/net/tcp", b"")
    equal(listed("plain").texts(), TREE)
    equal(listed("plain").paths(), sorted(TREE))
    equal(listed("plain/").members[0]["name"], "plain/etc/sysctl.conf")
    equal(listed("packed").paths(), sorted(TREE))
    equal(listed("packed").members[0]["name"], "packed/sosreport-x/etc/sysctl.conf")
    equal(listed("two").paths(), ["a/" + path for path in sorted(TREE)] + ["b/ss.txt"])
    equal(listed("root").paths(), ["proc/net/tcp"])
    equal(listed("plain", "only=proc/net").paths(), ["proc/net/sockstat"])
    equal(listed("plain", "stop=1").error["error"], "told to stop")
    equal(len(listed("plain", "stop=1").members), 1)


def hostile_directories():
    put("outside/secret", b"secret")
    put("hostile/plain", b"plain")
    base = os.path.join(here, "hostile")
    os.symlink(os.path.join(here, "outside"), base + "/folder-link")
    os.symlink("../outside/secret", base + "/link")
    os.mkfifo(base + "/pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(base + "/socket")
        if os.geteuid() == 0:
            os.mknod(base + "/zero", 0o20666, os.makedev(1, 5))
        put("hostile/esc\x1b]0;x\x07\nname", b"odd")
        with open(os.fsencode(base) + b"/latin-\xe4", "wb") as file:
            file.write(b"odd")
        got = listed("hostile")
    equal(got.texts(), {"plain": b"plain", "esc\\x1b]0;x\\x07\\x0aname": b"odd", "latin-\\xe4": b"odd"})
    for name, why in (("folder-link", "it is a link"), ("link", "it is a link"),
                      ("pipe", "it is no plain file"), ("socket", "it is no plain file")):
        equal(got.skipped["hostile/" + name], why)
    equal(got.skipped.get("hostile/zero"), "it is no plain file" if os.geteuid() == 0 else None)


def deep_directories():
    put("deep/" + "d/" * 32 + "bottom", b"here")
    equal(len(listed("deep").members), 1)
    put("deeper/" + "d/" * 33 + "bottom", b"too deep")
    equal(listed("deeper").members, [])
    equal(list(listed("deeper").skipped.values()), ["it is too deep"])


def archives():
    sos = "sosreport-x/"
    plain = tar_of(TREE.items(), sos)
    packed = {"tar": plain, "tar.gz": gzip.compress(plain), "tar.xz": lzma.compress(plain),
              "tar.bz2": bz2.compress(plain), "tar.zst": zstd(plain), "zip": zip_of(sos)}
    packed["pax.tar"] = tar_of(TREE.items(), sos, format=tarfile.PAX_FORMAT)
    packed["gnu.tar"] = tar_of(TREE.items(), sos, format=tarfile.GNU_FORMAT)
    for ending, data in packed.items():
        name = "sos." + ending
        put(name, data)
        got = listed(name)
        equal(got.texts(), TREE)
        equal([row["name"] for row in got.members], [f"{name}:{path}" for path in TREE])
        equal((got.skipped, got.status), ({}, 0))
        equal(listed(name, "only=sockstat").paths(), ["proc/net/sockstat"])
        equal(listed(name, "stop=2").error["error"], "told to stop")
        equal(listed("-", input=data).texts(), TREE)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def zip_of(top):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, data in TREE.items():
            file.writestr(top + path, data)
    return out.getvalue()


def top_folders():
    """The one folder that all is in is dropped, and no other."""
    cases = ((["x/proc/net/tcp", "x/a"], ["proc/net/tcp", "a"]),
             (["./x/proc/net/tcp", "x//a"], ["proc/net/tcp", "a"]),
             (["proc/net/tcp", "proc/stat"], ["proc/net/tcp", "proc/stat"]),
             (["x/a", "y/a"], ["a", "y/a"]),
             (["ss.txt", "x/a"], ["ss.txt", "x/a"]),
             (["x/a", "xy/a", "x"], ["a", "xy/a", "x"]))
    for names, want in cases:
        put("top.tar", tar_of([(name, b"") for name in names]))
        equal(listed("top.tar").paths(), want)
    put("top.tar", tar_of([of_type("./", tarfile.DIRTYPE), of_type("x/", tarfile.DIRTYPE), ("x/a", b"")]))
    equal(listed("top.tar").paths(), ["a"])


def hostile_archives():
    put("hostile.tar", tar_of([
        ("good", b"good"), ("../up", b"no"), ("a/../../up", b"no"), ("/etc/passwd", b"no"),
        of_type("link", tarfile.SYMTYPE, "/etc/passwd"), of_type("hard", tarfile.LNKTYPE, "good"),
        of_type("pipe", tarfile.FIFOTYPE), of_type("device", tarfile.CHRTYPE),
        ("good", b"again"), ("esc\x1b[2J\n", b"odd"), ("d/" * 40 + "deep", b"no"), ("n" * 2000, b"no"),
        ("last", b"last")]))
    got = listed("hostile.tar")
    equal(got.texts(), {"good": b"good", "esc\\x1b[2J\\x0a": b"odd", "last": b"last"})
    short = {name[len("hostile.tar:"):][:12]: why for name, why in got.skipped.items()}
    equal(short, {"../up": "its path leads out", "a/../../up": "its path leads out",
                  "/etc/passwd": "its path is absolute", "link": "it is a link", "hard": "it is a link",
                  "pipe": "it is no plain file", "device": "it is no plain file",
                  "good": "another of that name came before it", "d/d/d/d/d/d/": "it is too deep",
                  "nnnnnnnnnnnn": "its path is too long"})
    put("latin.tar", tar_of([("latin-\udce4", b"odd"), ("umlaut-\u00e4", b"even")], encoding="utf-8",
                            errors="surrogateescape", format=tarfile.GNU_FORMAT))
    equal(list(listed("latin.tar").texts().values()), [b"odd", b"even"])


def compressed_files():
    put("one.txt.gz", gzip.compress(SS))
    got = listed("one.txt.gz")
    equal([(row["name"], row["path"], row["text"].encode()) for row in got.members], [("one.txt.gz", None, SS)])
    put("logs/messages.xz", lzma.compress(SS))
    equal(listed("logs").texts(), {"messages.xz": SS})
    put("parts.gz", gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    equal(listed("parts.gz").members[0]["text"], "one\ntwo\n")


def archives_in_archives():
    inner = gzip.compress(tar_of([("y/proc/net/tcp", b"tcp"), ("y/log.gz", gzip.compress(b"log"))]))
    put("outer.tar", tar_of([("x/a", b"a"), ("x/inner.tar.gz", inner), ("x/z", b"z")]))
    got = listed("outer.tar")
    equal(got.texts(), {"a": b"a", "proc/net/tcp": b"tcp", "log.gz": b"log", "z": b"z"})
    equal([row["name"] for row in got.members][1], "outer.tar:inner.tar.gz:proc/net/tcp")
    data = SS
    for level in range(6):
        data = tar_of([(f"level{level}.tar", data)])
    put("russian.tar", data)
    got = listed("russian.tar")
    equal((got.members, list(got.skipped.values())), ([], ["an archive within too many others"]))


def damaged_archives():
    noise = os.urandom(300000)
    whole = tar_of([("x/a", b"first"), ("x/b", noise), ("x/c", b"last")])
    put("cut.tar", whole[:200000])
    got = listed("cut.tar", text=False)
    equal([(row["path"], "errno" in row) for row in got.members], [("a", False), ("b", True)])
    assert "runcated" in got.skipped["cut.tar:b"], got.skipped
    put("cut.tar.gz", gzip.compress(whole)[:200000])
    got = listed("cut.tar.gz", text=False)
    equal([(row["path"], "errno" in row) for row in got.members], [("a", False), ("b", True)])
    put("cut.txt.gz", gzip.compress(noise)[:200000])
    got = listed("cut.txt.gz", text=False)
    assert got.members[0]["errno"] and got.skipped["cut.txt.gz"] and got.status == 0, got.rows
    put("bad.tar.xz", lzma.compress(whole)[:12] + noise[:5000])
    got = listed("bad.tar.xz")
    equal((got.error["code"], got.members), (INPUT, []))
    put("bag/bad.tar.xz", lzma.compress(whole)[:12] + noise[:5000])
    put("bag/good", b"good")
    got = listed("bag")
    equal(got.texts(), {"good": b"good"})
    assert "bag/bad.tar.xz" in got.skipped, got.rows
    put("empty.tar", tar_of([]))
    equal(listed("empty.tar").members, [{"name": "empty.tar", "path": None, "encoding": "binary",
                                         "bytes": 10240, "text": "\0" * 10240}])
    put("empty.gz", gzip.compress(b""))
    equal(listed("empty.gz").rows[:-1], [])
    for cut in range(0, 3000, 101):  # whatever comes of it, it is no crash
        put("any.tar.gz", gzip.compress(whole)[:cut])
        assert listed("any.tar.gz", text=False).status in (0, 1)
        put("any.zip", zip_of("x/")[:cut])
        assert listed("any.zip", text=False).status in (0, 1)


def bounds():
    tree = [(f"x/{letter}", letter.encode() * 1000) for letter in "abcdef"]
    put("many.tar", tar_of(tree))
    put("long", b"l" * 1000)
    for path, data in tree:
        put("many/" + path, data)
    for source, behind in (("many", "many/x"), ("many.tar", "many.tar")):
        got = listed(source, "members=4")
        assert len(got.paths()) in (3, 4), got.paths()  # the folder counts
        equal(list(got.skipped.values()), ["the rest of it: there are too many members"])
        got = listed(source, "member_bytes=1000", text=False)
        equal((len(got.members), got.skipped), (6, {}))
        got = listed(source, "member_bytes=999", text=False)
        equal([(row["bytes"], row["errno"]) for row in got.members], [(999, 27)] * 6)
        equal(set(got.skipped.values()), {"the rest of it: it is too large"})
        got = listed(source, "total_bytes=2500", text=False)
        equal([row["bytes"] for row in got.members][:2], [1000, 1000])
        assert len(got.members) <= 3 and got.skipped, got.rows
    equal([row["errno"] for row in listed("long", "member_bytes=999", text=False).members], [27])
    equal([row["bytes"] for row in listed("long", "member_bytes=1000", text=False).members], [1000])


def bombs():
    """A gigabyte costs no memory; what can't be text is given up, and what nobody wants is bounded too."""
    block = b"LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n" * 4096
    plain = listed("ticket.txt").peak_kib
    got = listed("-", text=False, stdin=producer(block, 8000, "gzip", "-1"))
    equal([row["bytes"] for row in got.members], [8000 * len(block)])
    assert got.peak_kib < plain + 64 * 1024, (got.peak_kib, plain)
    got = listed("-", text=False, stdin=producer(b"x" * (1 << 20), 3000, "zstd", "-q"))
    assert list(got.skipped.values()) == ["the rest of it: it is compressed beyond what any text is"], got.rows
    assert got.members[0]["bytes"] < 1 << 30 and got.members[0]["errno"], got.members
    put("bomb.tar.bz2", bz2.compress(tar_of([("x/zeros", bytes(20 << 20)), ("x/ss.txt", SS)])))
    equal(listed("bomb.tar.bz2", "only=ss.txt").paths(), ["ss.txt"])
    got = listed("bomb.tar.bz2", "only=ss.txt", f"total_bytes={10 << 20}")
    equal((got.members, got.skipped), ([], {"bomb.tar.bz2": "the rest of it: there is too much of it"}))


def producer(block, count, *compressor):
    """The output of a compressor that is fed by a process: no file of that size is made."""
    read_end, write_end = os.pipe()
    feeder = os.fork()
    if feeder == 0:
        try:
            os.close(read_end)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            for _ in range(count):
                os.write(write_end, block)
        finally:
            os._exit(0)
    os.close(write_end)
    children.append(feeder)
    done = subprocess.Popen([*compressor], stdin=read_end, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    os.close(read_end)
    processes.append(done)
    return done.stdout


def reap():
    for process in processes:
        process.stdout.close()
        process.wait()
    for child in children:
        os.waitpid(child, 0)
    processes.clear()
    children.clear()


def encodings():
    text = "State \u00e4\U0001f600 12\r\n" * 2000
    for name, data, want in (("utf-8", text.encode(), "utf-8"), ("bom", b"\xef\xbb\xbf" + text.encode(), "utf-8"),
                             ("le", b"\xff\xfe" + text.encode("utf-16-le"), "utf-16le"),
                             ("be", b"\xfe\xff" + text.encode("utf-16-be"), "utf-16be"),
                             ("bare-le", text.encode("utf-16-le"), "utf-16le"),
                             ("bare-be", text.encode("utf-16-be"), "utf-16be")):
        put("enc/" + name, data)
        (row,) = listed("enc/" + name).members
        equal((row["encoding"], row["text"]), (want, text))
    for name in (MEMBERS, "/bin/ls"):
        equal(listed(name).members[0]["encoding"], "binary")


def main():
    checks = (lone_files, standard_input, a_named_pipe, what_can_not_be_opened, directories, hostile_directories,
              deep_directories, archives, top_folders, hostile_archives, compressed_files, archives_in_archives,
              damaged_archives, bounds, bombs, encodings)
    packed = listed("-", input=gzip.compress(b"x"))
    if packed.status:
        equal(packed.error["code"], UNSUPPORTED)
        print("this build reads no archives")
        sys.exit(77)
    for check in checks:
        print(check.__name__, flush=True)
        check()
        reap()


main()
