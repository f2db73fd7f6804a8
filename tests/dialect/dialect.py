"""What the tests of the dialects share: items, their text, and a place where a tool may set them.

Everything happens in a network and a mount namespace of the test's own."""
import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "collect"))
from namespace import CLONE_NEWNET, run, skip, write  # noqa: E402,F401

PRINT = sys.argv[1]
CLONE_NEWNS = 0x20000
# Where scripts/lib.sh puts tools that it does not install.
UNPACKED = os.path.join(os.environ["SOURCE"], "build/unpacked")
UNPACKED_PYTHON = UNPACKED + "/usr/lib/python3/dist-packages"
os.environ["PATH"] += f":{UNPACKED}/usr/bin:{UNPACKED}/usr/sbin"

# Keys that each namespace has of its own, with values that none begins with.
SETTINGS = {
    "net.core.somaxconn": "4321",
    "net.ipv4.ip_local_port_range": "15000\t64999",
    "net.ipv4.tcp_fin_timeout": "31",
    "net.ipv4.tcp_rmem": "4096 131000 6291000",
    "net.ipv4.tcp_congestion_control": "reno",
}
LISTS = {"net.ipv4.ip_local_reserved_ports": "20000,20010-20012"}
# A part with a dot: of a link that is called so.
DOTTED_LINK = "dlt0.7"
DOTTED = {f"net.ipv4.conf.{DOTTED_LINK.replace('.', '/')}.rp_filter": "2"}
# What belongs to nobody but a shell: none may run it, expand it, or see two lines in it.
HOSTILE = ["$(touch pwned)", "`touch pwned`", "${HOME}", "{{ 6 * 7 }}", "a'b\"c", "x # y", "%H%n", "a\\", "\\n", "-1",
           "yes", "${f:exec:id}", ">5", ";", "@x", "!", "a: b", "[1]", "{}", "*", "&x", "|"]
IMPOSSIBLE = ["a\nb = c", "a\x1b[2J", "caf\u00e9", "\u202e1", "x" * 4000]
BAD_KEYS = ["", "x", "net", "-net.core.x", "net.core.*", "net/../kernel/x", "net.//.x", "net.core.x\ny", "net.core.x=1",
            "net core", "#net.core.x", "net.${x}", "/net/core/x", "net.core.x;", "net." + "x" * 300]
BAD_LIMITS = [("nofile", value) for value in ("unlimited", "5:4", ":5", ":", "", "-1", "9" * 20, "1:2:3", "1 2")] \
    + [("nproc", "unlimited:5"), ("rss", "1"), ("nofile ", "1"), ("", "1")]


def setting(key, value, **others):
    return {"kind": "sysctl", "key": key, "value": value, **others}


def limit(name, value, **others):
    return {"kind": "limit", "key": name, "value": value, **others}


def settings(*tables, **others):
    return [setting(key, value, **others) for table in tables for key, value in table.items()]


def printed(dialect, items, **options):
    """The text, and whether each item is in it."""
    options.setdefault("kernel", "6.18.0")
    answer = json.loads(output(PRINT, input=json.dumps({"dialect": dialect, "items": items, "options": options})))
    assert answer["ok"]
    assert all("\n" not in line and line.isprintable() for line in answer["lines"]), answer["lines"]
    return "".join(line + "\n" for line in answer["lines"]), answer["taken"]


def text_of(dialect, items, **options):
    """The text, of items that all must be in it."""
    text, taken = printed(dialect, items, **options)
    assert all(taken), [item for item, ok in zip(items, taken) if not ok]
    return text


def refuses(dialect, items, **options):
    text, taken = printed(dialect, items, **options)
    assert text == "" and not any(taken), text


def check_refusals(dialect):
    """What no dialect takes."""
    refuses(dialect, [setting("net.core.x", value) for value in IMPOSSIBLE])
    refuses(dialect, [setting(key, "1") for key in BAD_KEYS])
    refuses(dialect, [limit(name, value, user="www", unit="a.service", pid=1) for name, value in BAD_LIMITS])


def output(*command, **how):
    """What it prints, when it goes well."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **how).stdout


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip(f"there is no {program}")


def enter():
    """A network without anything but a link with a dot in its name, and mounts that nobody else sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        skip(f"unshare: {os.strerror(ctypes.get_errno())}")
    try:
        run("mount", "--make-rprivate", "/")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", DOTTED_LINK, "type", "veth", "peer", "name", "dlt1")
    except (OSError, subprocess.CalledProcessError) as error:
        skip(f"can't set the namespaces up: {error}")


def cover(path):
    """An empty directory in the place of this one, for the rest of the test."""
    os.makedirs(path, exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", path)


@contextlib.contextmanager
def directory():
    """One that everybody may look into."""
    with tempfile.TemporaryDirectory(prefix="tcpadvise-dialect-") as path:
        os.chmod(path, 0o755)
        before = os.getcwd()
        os.chdir(path)
        yield path
        os.chdir(before)


def path_of(key):
    return "/proc/sys/" + key.translate(str.maketrans("./", "/."))


def value_of(key):
    with open(path_of(key), encoding="ascii") as file:
        return file.read().split()


def snapshot(tables):
    return {key: value_of(key) for table in tables for key in table}


@contextlib.contextmanager
def sets(*tables):
    """What runs inside sets these, all of which have another value before and get that back."""
    before = snapshot(tables)
    for table in tables:
        for key, value in table.items():
            assert before[key] != value.split(), (key, value)
    yield
    for table in tables:
        for key, value in table.items():
            assert value_of(key) == value.split(), (key, value, value_of(key))
    for key, words in before.items():
        write(path_of(key), " ".join(words) + "\n")
