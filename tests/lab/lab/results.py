"""What was proved: a file a scenario in a directory, and the table of all rules made of them."""
import difflib
import json
import os
import re

from .tool import SOURCE, rule_book

HEAD = ("| Rule | Reproduced by | Diagnosed as | Owner named | Cured by the printed fix | Applied and reverted "
        "| Twin |\n"
        "|---|---|---|---|---|---|---|\n")
# {rule: {key: why}}: settings of fixes that the tool can't set here.
NOT_APPLIED = os.path.join(SOURCE, "tests", "lab", "not_applied.json")


def write(directory, name, rows):
    """Puts the rows of a scenario there, whole or not at all."""
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, name + ".json")
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
    os.replace(path + ".part", path)


def forget(directory, name):
    try:
        os.unlink(os.path.join(directory, name + ".json"))
    except FileNotFoundError:
        pass


def read(directory, scenarios):
    """{rule: [row, ...]} of these scenarios, and the scenarios of which there is no result."""
    found, missing = {}, []
    for name in scenarios:
        try:
            with open(os.path.join(directory, name + ".json"), encoding="utf-8") as file:
                for row in json.load(file).values():
                    found.setdefault(row["rule"], []).append(row)
        except FileNotFoundError:
            missing.append(name)
    return found, missing


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def line(rule, rows, applied):
    if not rows:
        return f"| {rule} | **not proved** | | | | {cell(applied)} | |\n"
    made = ", ".join(dict.fromkeys(row["scenario"] for row in rows)) or "**not proved**"
    severities = {level for row in rows for level in row["severity"].split(" or ")}
    severity = ", ".join(level for level in ("critical", "warning", "info") if level in severities)
    owner = next((row["owner"] for row in rows if row.get("owner")), "")
    cures = "; ".join(dict.fromkeys(cure_of(row) for row in rows))
    return (f"| {rule} | {cell(made)} | {severity or '-'} | {cell(owner) or '-'} | {cell(cures)} "
            f"| {cell(applied)} | {twin_of(rows)} |\n")


def twin_of(rows):
    if all(row["twin"] is None for row in rows):
        return "-"
    return "silent" if all(row["twin"] for row in rows) else "NOT SILENT"


def cure_of(row):
    if "why" in row:
        return ("replayed: " if row["scenario"] else "") + row["why"]
    text = f"{row['cure']}: {row['measured']} {figure(row['before'])} -> {figure(row['after'])}"
    return text + (f" (the finding stays: {row['remains']})" if row["remains"] else "")


def figure(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def table(found):
    """Markdown: a line for each rule of the book, in the book's order."""
    taken_back = taken_back_in(found)
    return HEAD + "".join(line(rule, found.get(rule, []), applied_of(rule, taken_back)) for rule in rule_book())


def unproved(found):
    return [rule for rule in rule_book() if rule not in found]


# ---- what the tool itself set, and took back ----

def settings_of_the_book():
    """{(rule, key)}: what the fixes set."""
    return {(name, key) for name, rule in rule_book().items() for fix in rule["fixes"] for key in fix.get("set", {})}


def taken_back_in(found):
    """{(rule, key)} over all scenarios."""
    return {tuple(pair) for rows in found.values() for row in rows for pair in row.get("taken_back", [])}


def not_applied():
    with open(NOT_APPLIED, encoding="utf-8") as file:
        return {(rule, key): why for rule, keys in json.load(file).items() for key, why in keys.items()}


def applied_of(rule, taken_back):
    keys = sorted(key for name, key in settings_of_the_book() if name == rule)
    reasons = not_applied()
    done = ", ".join(key for key in keys if (rule, key) in taken_back)
    left = "; ".join(f"not {key}: {reasons.get((rule, key), 'NOT APPLIED')}"
                     for key in keys if (rule, key) not in taken_back)
    return "; ".join(part for part in (done, left) if part) or "-"


def unapplied(found):
    """Settings of the book that were not applied and taken back, though nobody said why; and the other way round."""
    taken_back, reasons, book = taken_back_in(found), not_applied(), settings_of_the_book()
    return [f"neither applied and taken back nor excused: {rule} {key}"
            for rule, key in sorted(book - taken_back - reasons.keys())] \
        + [f"excused without need: {rule} {key}" for rule, key in sorted(reasons.keys() & taken_back)] \
        + [f"excused, and not in the book: {rule} {key}" for rule, key in sorted(reasons.keys() - book)]


# ---- the table in a document ----

BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def parts(path):
    """What stands before, inside and behind the marks."""
    with open(path, encoding="utf-8") as file:
        before, begin, rest = file.read().partition(BEGIN)
    inside, end, behind = rest.partition(END)
    assert begin and end, f"{path} has no place for a table: {BEGIN.strip()} and {END.strip()}"
    return before, inside, behind


def put(path, text):
    before, _, behind = parts(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + text + END + behind)


def differences(path, text):
    """Lines of the table in the document that this one does not have, and the other way round. Figures
    do not count: no two runs measure the same."""
    stands, now = (without_figures(part).splitlines() for part in (parts(path)[1], text))
    return list(difflib.unified_diff(stands, now, path, "this run", lineterm="", n=0))


def without_figures(text):
    return re.sub(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", text)
