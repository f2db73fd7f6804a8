#!/usr/bin/env python3
"""Holds what --redact makes of a document against the document: no name or address of it is left in snapshot
or report, the verdict is the same, names that are one stay one and others stay others, an address keeps its
kind, and a second time changes nothing. A file is a snapshot or an incident (run.py).

usage: documents.py FILE..., the program in $TCPADVISE, the tree in $SOURCE."""
import glob
import ipaddress
import json
import os
import re
import subprocess
import sys

LEFT_OUT = {"what": "facts that this version does not know",
            "why": "--redact leaves out what it can't tell the kind of", "facts": []}
# Kinds of strings of which each that is not public is a secret as a whole.
WHOLE = {"address", "container", "host", "namespace", "process", "profile", "unit", "user", "uuid"}
UNIVERSAL = {"0.0.0.0", "255.255.255.255", "169.254.169.254", "::", "::1"}


def load(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


SCHEMA = load(os.environ["SOURCE"], "rules", "schema", "snapshot.schema.json")
PUBLIC = {name for value in load(os.environ["SOURCE"], "rules", "public.json").values()
          if isinstance(value, list) for name in value}
PROSE = "".join(open(path, encoding="utf-8").read()
                for path in glob.glob(os.path.join(os.environ["SOURCE"], "rules", "*.json"))
                if not path.endswith(".test.json"))


def run(document, *args):
    done = subprocess.run([os.environ["TCPADVISE"], *args, "--input", "-"], input=json.dumps(document).encode(),
                          capture_output=True, timeout=120, check=False,
                          env={**os.environ, "HOME": "/nonexistent", "SOURCE_DATE_EPOCH": "1800000000"})
    if done.returncode:
        raise SystemExit(f"exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def strings(value, node, path=""):
    """Each string of a document with its place and its x-redact."""
    while "$ref" in node:
        node = SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, str):
        yield path, node.get("x-redact"), value
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from strings(child, node.get("items", {}), f"{path}/{i}")
    elif isinstance(value, dict):
        for name, child in value.items():
            own = node.get("properties", {}).get(name) or node.get("additionalProperties")
            if isinstance(own, dict):
                yield from strings(child, own, f"{path}/{name}")


# ---- secrets ----


def is_public(name):
    bare = re.sub(r"[\d.-]+$", "", name)
    return not re.search(r"[^\W\d]", name) or {name, bare} & PUBLIC


def address_of(text):
    """The address that a string is, with or without its port; or None."""
    for candidate in (text, text.rpartition(":")[0], text.partition("%")[0]):
        try:
            return ipaddress.ip_address(candidate.strip("[]"))
        except ValueError:
            pass
    return None


def inner(address):
    return getattr(address, "ipv4_mapped", None) or address


def is_universal(address):
    return address.is_loopback or str(address) in UNIVERSAL or address in ipaddress.ip_network("0.0.0.0/8")


def parts(text):
    """What of a name is a secret: without what makes it a unit, a container's or a namespace's name."""
    text = re.sub(r"(#\d+|\[\d+\])$", "", text).removeprefix("pod:")
    engine, colon, rest = text.partition(":")
    text = rest if colon and engine in PUBLIC else text
    for ending in sorted((e for e in PUBLIC if e.startswith(".")), key=len, reverse=True):
        if text.endswith(ending) and text != ending:
            text = text[:-len(ending)]
            break
    template, at, instance = text.partition("@")
    return instance if at and template in PUBLIC else text


def secrets(document):
    for _, kind, text in strings(document, SCHEMA):
        address = address_of(text) if kind == "address" else None
        if address:
            if not is_universal(inner(address)):
                yield str(inner(address))
        elif kind in WHOLE:
            bare = parts(re.sub(r":\d+$", "", text)).lstrip("@%")
            if len(bare) > 1 and not bare.startswith("/") and not is_public(bare):
                yield bare


def words_in(document):
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for child in document:
            yield from words_in(child)
    elif isinstance(document, dict):
        for child in document.values():
            yield from words_in(child)


# ---- what must hold ----


def left_over(document, redacted, report):
    """Of the snapshot each string counts, but those of a list or with x-redact "no"; the report has words of the
    rules, too."""
    texts = [text for _, kind, text in strings(redacted, SCHEMA) if kind not in (None, "no")]
    for secret in sorted(set(secrets(document))):
        pattern = re.compile(r"(?<!\w)" + re.escape(secret) + r"(?!\w)")
        for text in texts + ([] if pattern.search(PROSE) else report):
            found = pattern.search(text)
            if found:
                yield f"{secret!r} is left in {text[max(found.start() - 60, 0):found.end() + 60]!r}"


def verdict(report):
    report = json.loads(report)
    said = [f"{f['severity']} {f['rule']} {f['class']} fixes: {len(f['fixes'])}" for f in report["findings"]]
    for outcome in ("passed", "not_checked", "ruled_out"):
        said += [f"{outcome} {row.get('rule') or row.get('class')}" for row in report.get(outcome, [])]
    return sorted(said)


def relation_mistakes(before, after):
    """One name is one pseudonym, and two are two, among the strings of one kind."""
    there, back = {}, {}
    for (path, kind, old), (_, _, new) in zip(strings(before, SCHEMA), strings(after, SCHEMA), strict=True):
        if kind not in WHOLE:
            continue
        if kind == "process":
            old = old[:15]  # as the kernel cuts it
        one, other = there.setdefault((kind, old), new), back.setdefault((kind, new), old)
        if one != new or other != old:
            yield f"{path}: {old!r} became {new!r}, and that was {other!r}; before it became {one!r}"
        yield from address_mistakes(path, kind, old, new)


def sort_of(address):
    address = inner(address)
    if address.version == 4 and not address.is_private and not address.is_link_local:
        # 240.0.0.0/4 stands for what is public; 100.64.0.0/10 is neither
        return "shared" if address in ipaddress.ip_network("100.64.0.0/10") else \
            "multicast" if address.is_multicast else "public"
    names = [name for name in ("is_loopback", "is_unspecified", "is_link_local", "is_multicast")
             if getattr(address, name)]
    local = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    names += [net for net in local if address in ipaddress.ip_network(net)]
    return " ".join(names) or "public"


def address_mistakes(path, kind, old, new):
    address = address_of(old) if kind == "address" else None
    if not address:
        return
    became = address_of(new)
    if not became or sort_of(became) != sort_of(address):
        yield f"{path}: {old} is {sort_of(address)}, and became {new}"
    if is_universal(inner(address)) != (became == address):
        yield f"{path}: {old} became {new}"


def mistakes(document):
    before = json.loads(run(document, "snapshot"))
    after = json.loads(run(document, "snapshot", "--redact"))
    report = run(document, "audit", "--redact", "--format", "json")
    text = run(document, "audit", "--redact", "--verbose")
    yield from left_over(before, after, [*words_in(json.loads(report)), text])
    if verdict(run(document, "audit", "--format", "json")) != verdict(report):
        yield "the verdict is another one"
    if run(after, "audit", "--format", "json") != report:
        yield "an audit of the redacted snapshot says something else"
    if json.loads(run(after, "snapshot", "--redact")) != after:
        yield "a second time changes it"
    if "pseudonyms (--redact)" not in " ".join(text.split()):
        yield "the report does not say that it is redacted"
    if LEFT_OUT in after["gaps"]:
        after["gaps"].remove(LEFT_OUT)
    elif any(name not in SCHEMA["properties"] for name in before):
        yield "a member that the schema does not know was not told of"
    marked = after["collection"].pop("redacted")
    if marked is not True or ("collection" in before) < bool(after["collection"]):
        yield "collection.redacted is not true"
    if not after["collection"] and "collection" not in before:
        del after["collection"]
    yield from relation_mistakes(before, after)


def main():
    wrong, names = 0, 0
    for path in sys.argv[1:]:
        document = load(path)
        document = document.get("snapshot", document)
        names += len(set(secrets(document)))
        for mistake in mistakes(document):
            print(f"{os.path.basename(path)}: {mistake}")
            wrong += 1
    print(f"{len(sys.argv) - 1} documents, {names} names and addresses, {wrong} mistakes")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
