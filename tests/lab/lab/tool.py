"""Running tcpadvise, the program under test."""
import functools
import json
import os
import subprocess

SOURCE = os.environ.get("SOURCE") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..", ".."))


class Skip(Exception):
    """The scenario can't be made here; the text says why."""


def tool():
    """The program under test: $TCPADVISE, or what was built last."""
    given = os.environ.get("TCPADVISE")
    built = [os.path.join(SOURCE, "build", preset, "tcpadvise") for preset in ("release", "dev")]
    found = [path for path in ([given] if given else built) if os.access(path, os.X_OK)]
    if not found:
        raise SystemExit("no tcpadvise at " + (given or " or ".join(built)))
    return os.path.abspath(max(found, key=os.path.getmtime))


def run_tool(*args, stdin=b"", status=0, before=None):
    """Standard output of one run that must end so, without the rules of whoever runs this."""
    env = dict(os.environ, COLUMNS="80", LC_ALL="C.UTF-8", NO_COLOR="1",
               XDG_CONFIG_HOME=os.path.join(SOURCE, "tests", "lab"))
    done = subprocess.run([tool(), *args], input=stdin, capture_output=True, env=env, timeout=60,
                          check=False, preexec_fn=before)
    if done.returncode != status:
        raise AssertionError(f"tcpadvise {' '.join(args)}: status {done.returncode}\n"
                             + done.stderr.decode(errors="replace"))
    return done.stdout


@functools.lru_cache(maxsize=None)
def rule_book():
    """All rules, by name."""
    return {rule["id"]: rule for rule in json.loads(run_tool("rules", "list", "--format", "json"))}


def rules_of_the_host(wanted=()):
    """The rules about the whole host, its kernel log and its load, but for the wanted: in namespaces
    of a kernel that others use, what they see is others' doing, too."""
    return ",".join(name for name, rule in rule_book().items() if name not in wanted and (
        rule["scope"] == "host" or "kernel_log" in json.dumps(rule.get("for_each", ""))
        or "host.pressure" in json.dumps(rule)))


def run_audit(*args, **how):
    return run_tool("audit", "--skip", rules_of_the_host(), *args, **how)


def validate(document, schema_name):
    try:
        import jsonschema
    except ImportError:
        raise Skip("the package python3-jsonschema is not installed")
    path = os.path.join(SOURCE, "rules", "schema", schema_name)
    with open(path, encoding="utf-8") as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(document)
