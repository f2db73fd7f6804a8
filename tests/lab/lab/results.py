"""What was proved: a file a scenario in a directory, and the table of all rules made of them."""
import glob
import json
import os
import re

from .tool import rule_book

HEAD = ("| Rule | Made by | Found as | Owner named | Cured by what it prints | Twin |\n"
        "|---|---|---|---|---|---|\n")


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


def read(directory):
    """{rule: [row, ...]}"""
    found = {}
    for path in sorted(glob.glob(os.path.join(directory, "*.json"))):
        with open(path, encoding="utf-8") as file:
            for row in json.load(file).values():
                found.setdefault(row["rule"], []).append(row)
    return found


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def line(rule, rows):
    if not rows:
        return f"| {rule} | **not proved** | | | | |\n"
    made = ", ".join(dict.fromkeys(row["scenario"] for row in rows))
    severity = ", ".join(dict.fromkeys(row["severity"] for row in rows))
    owner = next((row["owner"] for row in rows if row.get("owner")), "")
    cures = "; ".join(dict.fromkeys(cure_of(row) for row in rows))
    return (f"| {rule} | {cell(made)} | {severity} | {cell(owner) or '-'} | {cell(cures)} "
            f"| {'silent' if all(row['twin'] for row in rows) else 'NOT SILENT'} |\n")


def cure_of(row):
    if "why" in row:
        return "replayed: " + row["why"]
    text = f"{', '.join(row['cure'])}: {row['measured']} {figure(row['before'])} -> {figure(row['after'])}"
    return text + (f" (the finding stays: {row['remains']})" if row["remains"] else "")


def figure(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def table(directory):
    """Markdown: a line for each rule of the book, in the book's order."""
    found = read(directory)
    return HEAD + "".join(line(rule, found.get(rule, [])) for rule in rule_book())


def without_figures(text):
    """For comparison: no two runs measure the same."""
    return re.sub(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", text)
