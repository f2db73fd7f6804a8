"""The HTML report without a browser: well-formed, allowed by its own policy, readable in both
themes, and what a host says of itself stays text."""
import base64
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys

SOURCE = os.environ["SOURCE"]
SNAPSHOTS = os.path.join(SOURCE, "tests", "fixtures", "snapshots")
VOID = {"meta", "br", "link", "img", "input", "hr"}
STATES = ["close", "listen", "syn_recv", "syn_sent", "established", "fin_wait1", "close_wait",
          "fin_wait2", "closing", "last_ack", "time_wait"]

mistakes = []


def expect(condition, text):
    if not condition:
        mistakes.append(text)


def render(path, *options):
    return subprocess.run([os.environ["TCPADVISE"], "audit", "--input", path, "--format", "html",
                           *options], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")


class Page(html.parser.HTMLParser):
    """Elements in order, each with its attributes; every end tag must match."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.text, self.raw = [], [], [], {}
        self.feed(text)
        self.close()
        expect(not self.open, f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        expect(len(names) == len(set(names)), f"an attribute twice: <{tag} {names}>")
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        expect(self.open and self.open[-1] == tag, f"</{tag}> in {self.open[-3:]}")
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "script"):
            self.raw.setdefault(self.open[-1], []).append(data)
        else:
            self.text.append(data)


def check_policy(page):
    policy = next(attrs["content"] for tag, attrs in page.elements
                  if attrs.get("http-equiv") == "Content-Security-Policy")
    for name, text in (("style", page.raw["style"][0]), ("script", page.raw["script"][-1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        expect(f"{name}-src 'sha256-{digest}'" in policy, f"the digest of {name}: {policy}")
    for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
        expect(part in policy, f"{part} in {policy}")
    expect("unsafe" not in policy, policy)


def check_frame(page):
    tags = [tag for tag, _ in page.elements]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    links = [attrs["href"] for tag, attrs in page.elements if tag == "a"]

    expect(tags.count("h1") == 1 and tags.count("main") == 1, "one h1, one main")
    expect(dict(page.elements)["html"].get("lang"), "a language")
    expect(len(ids) == len(set(ids)), f"ids twice: {sorted(i for i in ids if ids.count(i) > 1)}")
    expect(all(after <= before + 1 for before, after in zip(levels, levels[1:])),
           f"headings skip a level: {levels}")
    for link in links:
        expect(link[1:] in ids if link.startswith("#") else re.match("https?://", link),
               f"a link to {link}")
    for tag, attrs in page.elements:
        bad = [name for name in attrs if name == "style" or name.startswith("on") or name == "src"]
        expect(not bad, f"<{tag}> with {bad}")
        expect(tag != "th" or "scope" in attrs, "<th> without a scope")
        expect(tag != "a" or not attrs["href"].startswith("http") or
               "noreferrer" in attrs.get("rel", ""), "a link that tells where it was")


def check_diagram(page, report):
    shown = {attrs["data-state"]: attrs["data-count"] for tag, attrs in page.elements
             if "data-state" in attrs}
    sums = {state: sum(namespace["states"][state] for namespace in report["namespaces"])
            for state in STATES}
    expect(shown == {state: str(count) for state, count in sums.items()}, f"{shown} is {sums}")


def check_snapshot(page, report):
    embedded = json.loads(page.raw["script"][0])
    expect(embedded == report["snapshot"], "the snapshot in the page is another one")


# ---- contrast (WCAG 2.1) ----

def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def themes(style):
    blocks = re.findall(r":root \{([^}]*)\}", style)[:2]
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks)
    return {"light": light, "dark": {**light, **dark}}


def check_contrast(page):
    inks = ("text", "dim", "link", "critical", "warning", "info", "good")
    for name, colours in themes(page.raw["style"][0]).items():
        pairs = [(ink, ground) for ink in inks for ground in ("page", "card")]
        pairs += [("text", ground) for ground in colours if ground.endswith("well")]
        pairs += [("dim", "well")]
        pairs += [(ink, ink + "-well") for ink in ("critical", "warning", "info", "good")]
        for ink, ground in pairs:
            ratio = contrast(colours[ink], colours[ground])
            expect(ratio >= 4.5, f"{name}: {ink} on {ground} is {ratio:.2f}")
        for fill in ("fill", "warning", "critical"):  # what is drawn needs 3
            expect(contrast(colours[fill], colours["track"]) >= 3, f"{name}: {fill} on track")


# ---- ----

def check_hostile():
    """Names that would like to be markup, and to leave strings, scripts and comments."""
    evil = ["<script>alert(1)</script>", "\"' onload='x", "]]><!--", "</script><b>", "a\u202eb",
            "\u2028", "\x1b[2J", "&lt;", "' style='x"]
    with open(os.path.join(SNAPSHOTS, "close-wait-leak.json"), encoding="utf-8") as file:
        snapshot = json.load(file)
    snapshot["host"]["name"] = evil[0]
    for i, name in enumerate(evil):
        row = dict(snapshot["processes"][0])
        row.update(pid=100000 + i, name=name, unit=name)
        snapshot["processes"].append(row)
        row = dict(snapshot["namespaces"][0]["listeners"][0])
        row.update(local=name, process=name, queue=7, backlog=7)
        snapshot["namespaces"][0]["listeners"].append(row)
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"hostile-{os.getpid()}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(snapshot, file, indent=1)  # a line would be a stream
    try:
        text = render(path)
    finally:
        os.unlink(path)
    page = Page(text)
    check_frame(page)
    tags = [tag for tag, _ in page.elements]
    expect(tags.count("script") == 2 and "b" not in tags, f"{tags.count('script')} scripts")
    expect(evil[0] in "".join(page.text), "the name is shown")
    for hidden in ("\u202e", "\u2028", "\x1b"):
        expect(hidden not in text, f"{hidden!r} is in the page")
    names = [row["name"] for row in json.loads(page.raw["script"][0])["processes"]]
    expect(all(name in names for name in evil), f"the snapshot has other names: {names}")


def check_raw_bytes():
    """Bytes that are no text, where they come from: captured text."""
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"hostile-{os.getpid()}.txt")
    with open(path, "wb") as file:
        file.write(b"State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
                   b"LISTEN 129 128 0.0.0.0:80 0.0.0.0:* "
                   b"users:((\"\xff<i>\xc3\x28\",pid=7,fd=3))\n\xfe\xff<script>\n")
    try:
        page = Page(render(path))
    finally:
        os.unlink(path)
    check_frame(page)
    expect("i" not in [tag for tag, _ in page.elements], "markup of the host's")


def check_stream():
    with open(os.path.join(SNAPSHOTS, "close-wait-leak.json"), encoding="utf-8") as file:
        line = json.dumps(json.load(file)) + "\n"
    done = subprocess.run([os.environ["TCPADVISE"], "--input", "-", "--format", "html"],
                          input=(line + line).encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    expect(done.returncode == 64 and not done.stdout and b"has several" in done.stderr,
           f"two pages in one file: {done.returncode} {done.stderr}")


def main():
    for name in sorted(os.listdir(SNAPSHOTS)):
        path = os.path.join(SNAPSHOTS, name)
        before = len(mistakes)
        page = Page(render(path))
        report = json.loads(subprocess.run(
            [os.environ["TCPADVISE"], "--input", path, "--format", "json", "--with-snapshot"],
            check=True, stdout=subprocess.PIPE).stdout)
        check_policy(page)
        check_frame(page)
        check_snapshot(page, report)
        if all("states" in namespace and len(namespace["states"]) >= len(STATES)
               for namespace in report["namespaces"]):
            check_diagram(page, report)
        mistakes[before:] = [f"{name}: {mistake}" for mistake in mistakes[before:]]
    check_contrast(page)
    check_hostile()
    check_raw_bytes()
    check_stream()
    print("\n".join(mistakes))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
