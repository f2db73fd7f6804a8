"""An audit of a snapshot, and words about its report that the tests of this folder share."""
import json
import os
import subprocess

LOUD = ("critical", "warning")


def shape_mistakes(snapshot):
    """Where a snapshot is not what the schema says; nothing without the package jsonschema."""
    try:
        import jsonschema
    except ImportError:
        return
    path = os.path.join(os.environ["SOURCE"], "rules", "schema", "snapshot.schema.json")
    with open(path, encoding="utf-8") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    for error in schema.iter_errors(snapshot):
        yield f"not a snapshot: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def run(text, form):
    done = subprocess.run(
        [os.environ["TCPADVISE"], "audit", "--quiet", "--input", "-", "--format", form, "--verbose"],
        input=text.encode(), capture_output=True, timeout=300, check=False,
        env={**os.environ, "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent",
             "COLUMNS": "80", "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SystemExit(f"exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def audit(snapshot, form="json"):
    """What `tcpadvise audit` says of a snapshot; the report as a document, or as text."""
    text = run(json.dumps(snapshot), form)
    return json.loads(text) if form == "json" else text


def audit_all(snapshots):
    """The reports of many snapshots, as a stream: the rules are read once."""
    lines = run("".join(json.dumps(snapshot) + "\n" for snapshot in snapshots), "json").splitlines()
    return [json.loads(line) for line in lines]


def told(finding):
    return f"{finding['severity']} {finding['rule']} ({finding['class']}): {finding['title']}"


def words_of(row):
    """All that a finding, or a row of passed or not_checked, says to a person."""
    fixes = [text for fix in row.get("fixes", [])
             for text in (fix.get("title", ""), fix.get("text", ""), fix.get("effect", ""))]
    evidence = [f"{item['label']}: {item['value']}"
                + (f" of {item['limit']}" if "limit" in item else "")
                for item in row.get("evidence", [])]
    texts = [row.get(member, "") for member in ("title", "diagnosis", "text", "why")]
    return "\n".join(texts + evidence + fixes + row.get("missing", []))


def settings_of(finding):
    """(key, value) of every tunable that the fixes of a finding set."""
    return [pair for fix in finding["fixes"] for pair in fix.get("settings", {}).items()]


def failed_rules(report):
    return [f"{row['rule']}: {row['why']}" for row in report["not_checked"]
            if row["why"].startswith("the rule failed")]
