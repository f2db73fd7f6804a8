"""A host of its own for apply and revert to change: a network namespace, and a mount namespace in which /etc, /var/lib
and /run are empty. What is set outside /proc/sys/net belongs to the real host, so no test here sets any of that."""
import ctypes
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "collect"))
import namespace as ns  # noqa: E402

TOOL = os.environ["TCPADVISE"]
SCHEMA = os.path.join(os.environ["SOURCE"], "rules", "schema", "change.schema.json")
CLONE_NEWNS = 0x20000
EMPTIED = ("/etc", "/var/lib", "/run")
OWN_FILE = "/etc/sysctl.d/90-tcpadvise.conf"
STORE = "/var/lib/tcpadvise"
OK, FAILED, USAGE = 0, 3, 64


def enter():
    """Moves this process into that host or ends the test."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(ns.CLONE_NEWNET | CLONE_NEWNS) != 0:
        ns.skip(f"unshare: {os.strerror(ctypes.get_errno())}")
    try:
        ns.run("mount", "--make-rprivate", "/")
        for folder in EMPTIED:
            ns.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs", folder)
        ns.run("ip", "link", "set", "lo", "up")
        ns.run("ip", "addr", "add", ns.HERE + "/32", "dev", "lo")
    except (OSError, subprocess.CalledProcessError) as error:
        ns.skip(f"can't set the host up: {error}")
    assert not os.listdir("/etc") and not os.listdir("/var/lib")
    os.makedirs("/etc/sysctl.d")
    os.makedirs("/run/systemd/system")  # systemd reads sysctl.d here


# ---- settings and files ----

def path_of(key):
    return "/proc/sys/" + key.replace(".", "/")


def get(key):
    with open(path_of(key), encoding="ascii") as file:
        return " ".join(file.read().split())


def put(key, value):
    ns.write(path_of(key), (value or "\n"))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def settings():
    """Every readable setting of this namespace."""
    values = {}
    for top in ("/proc/sys/net/ipv4", "/proc/sys/net/ipv6"):
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                if os.stat(path).st_mode & 0o400 and not name.endswith(("flush", "_key", "secret")):
                    values[path] = content(path)
    return values


def content(path):
    try:
        return os.readlink(path) if os.path.islink(path) else read(path)
    except OSError as error:
        return error.errno


def tree(*tops):
    """Every file and folder below, with kind, mode and content."""
    found = {}
    for top in tops:
        for folder, folders, names in os.walk(top):
            for name in folders:
                path = os.path.join(folder, name)
                found[path] = oct(os.lstat(path).st_mode)
            for name in names:
                path = os.path.join(folder, name)
                found[path] = oct(os.lstat(path).st_mode), content(path)
    return found


def state(*tops):
    """All that apply might have changed."""
    return {**settings(), **tree(*(tops or ("/etc", "/var/lib")))}


def difference(before, after):
    return {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)}


# ---- rules ----

def rule(name, key, value, fixes=None, risk="low"):
    """A rule that holds while the key has another value, and sets it."""
    sysctl = {"kind": "sysctl", "title": f"Set {key}", "text": "It was made for a test.", "set": {key: value},
              "effect": "None.", "risk": risk, "verify": "sysctl shows it."}
    if risk != "none":
        sysctl["risk_text"] = "It was made for a test."
    return {"id": name, "class": "harmful_setting",
            "severity": [{"level": "warning", "when": f"string(ns.sysctl['{key}']) != '{value}'"}],
            "title": f"{key} is not as wanted", "diagnosis": "It was made for a test.",
            "evidence": [{"label": "the key", "value": f"ns.sysctl['{key}']", "source": "/proc/sys"}],
            "passed": "It is as wanted.", "fixes": fixes or [sysctl],
            "references": [{"title": "none", "url": "https://example.org/", "kind": "article"}]}


def sets(values, risk="low"):
    return {"kind": "sysctl", "title": "Set them", "text": "It was made for a test.", "set": values, "effect": "None.",
            "risk": risk, "risk_text": "It was made for a test.", "verify": "sysctl shows it."}


def limits(pid, soft, hard):
    return {"kind": "limit", "title": "Raise it", "text": "It was made for a test.",
            "limit": {"name": "nofile", "soft": str(soft), "hard": str(hard), "pid": str(pid)}, "effect": "None.",
            "risk": "low", "risk_text": "It was made for a test.", "verify": "prlimit shows it."}


def pack(path, *rules):
    write(path, json.dumps({"pack": "made", "title": "Made for a test", "rules": rules}))
    return path


# ---- the program ----

QUICK = ("--sample", "0", "--no-processes")


def run(*command, **options):
    return subprocess.run([TOOL, *command], capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False,
                          **options)


def apply(*options, look=QUICK, **more):
    return run("apply", *look, "--settle", "0", *options, **more)


def revert(*options, **more):
    return run("revert", *options, **more)


def expect(done, status, *texts):
    """The exit status, and what is said."""
    said = done.stdout + done.stderr
    assert done.returncode == status, (done.args, done.returncode, said)
    for text in texts:
        assert text in said, (text, said)
    return done


def records():
    """The records, each whole and as the schema has it."""
    found = []
    for name in sorted(os.listdir(STORE) if os.path.isdir(STORE) else []):
        if name.endswith(".json"):
            with open(os.path.join(STORE, name), encoding="utf-8") as file:
                record = json.load(file)
            validate(record)
            assert name == f"{record['id']:04}.json", (name, record["id"])
            found.append(record)
    return found


def validate(record):
    try:
        import jsonschema
    except ImportError:
        return
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.validate(record, json.load(file))


def temporaries():
    return [path for path in tree("/etc", "/var/lib") if path.endswith(".tmp")]
