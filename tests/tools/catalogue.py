#!/usr/bin/env python3
"""The messages that a catalogue of rules/lang has to translate: the texts of the rules, states,
topics, tunables and commands, and the words of the reports, marked _("..."), _n("...", "...", n)
or N_("...") in src/; docs/translating.md says how to work with it.

  catalogue.py missing RULES SRC LANGUAGE   what has no translation, as JSON
  catalogue.py check RULES SRC              every catalogue: complete, nothing left over, and
                                            each translation with what its message needs
  catalogue.py merge RULES SRC LANGUAGE FILE...
                                            takes translations over, in the order of the messages"""
import collections
import glob
import json
import os
import re
import sys

NO_PACKS = {"tunables.json", "states.json", "topics.json", "public.json"}

# What of a document people read, by the path of its members; '*' stands for any.
RULE_WORDS = [
    "title", "diagnosis", "passed", "passed_zero", "passed_empty", "evidence.label",
    "evidence.unit", "evidence.source", "fixes.kind", "fixes.title", "fixes.text", "fixes.code.*",
    "fixes.effect", "fixes.risk_text", "fixes.verify", "fixes.revert", "fixes.restart",
    "avoid.setting", "avoid.why",
]
STATE_WORDS = [
    "meaning", "who", "many", "ends", "fixes", "not_fixes", "myths.claim", "myths.answer",
    "spellings.where",
]
TOPIC_WORDS = [
    "classes.title", "classes.meaning", "myths.claim", "myths.answer",
]
TUNABLE_WORDS = [
    "kind", "governs", "misbelief", "change.rule", "change.cost", "change.risk", "takes_effect", "unit",
    "enum.*", "range_note", "default_note", "netns_note", "child_netns_note", "added_note",
    "notes",
]
COMMANDS = os.path.join("schema", "snapshot.schema.json")

# What C is made of as far as it matters here; what matches none of it is one byte.
TOKEN = re.compile(r"""(?P<blank>\s+|/\*.*?\*/|//[^\n]*|\\\n)
                     |(?P<string>"(?:[^"\\\n]|\\.)*")
                     |(?P<char>'(?:[^'\\\n]|\\.)*')
                     |(?P<name>[A-Za-z_][A-Za-z_0-9]*)
                     |(?P<define>^[ \t]*\#[ \t]*define[ \t](?:[^\n\\]|\\.)*)
                     |(?P<other>.)""", re.VERBOSE | re.DOTALL | re.MULTILINE)
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "e": "\x1b", "0": "\0"}
# The arguments of each mark that are messages.
MARKS = {"_": 1, "N_": 1, "_n": 2}
CONVERSION = re.compile(r"%(?:\d+\$)?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=collections.OrderedDict)


def strings(value, path):
    """The strings that stand at a path; lists on the way are gone through."""
    if isinstance(value, list):
        for item in value:
            yield from strings(item, path)
    elif not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict):
        members = value.values() if path[0] == "*" else [value.get(path[0])]
        for member in members:
            yield from strings(member, path[1:])


def words(document, paths):
    for path in paths:
        yield from strings(document, path.split("."))


def literals(expression):
    """The string literals of a CEL expression."""
    return re.findall(r"'((?:[^'\\]|\\.)*)'", expression)


def lets(document):
    """The variables that put sentences together: one of their strings has words in it."""
    for expression in document.get("let", {}).values():
        if isinstance(expression, str) and any(re.search(r"[A-Za-z]{2,} |^[,;:]? [a-z]| [a-z]{2,}", text)
                                               for text in literals(expression)):
            yield expression


def of_rules(rules):
    """Section -> messages, in the order of the files."""
    for path in sorted(glob.glob(os.path.join(rules, "*.json"))):
        name = os.path.basename(path)
        if name.endswith(".test.json") or name in NO_PACKS:
            continue
        pack = load(path)
        yield name, [pack["title"], *lets(pack)]
        for rule in pack.get("rules", []):
            yield f"{name} {rule['id']}", [*lets(rule), *words(rule, RULE_WORDS)]
    for state in load(os.path.join(rules, "states.json"))["states"]:
        yield f"states.json {state['name']}", list(words(state, STATE_WORDS))
    yield "topics.json", list(words(load(os.path.join(rules, "topics.json")), TOPIC_WORDS))
    for tunable in load(os.path.join(rules, "tunables.json"))["tunables"]:
        yield f"tunables.json {tunable['key']}", list(words(tunable, TUNABLE_WORDS))
    yield COMMANDS, list(words(load(os.path.join(rules, COMMANDS)), ["x-commands.*.why"]))


class Unreadable(Exception):
    """A mark whose message can't be told from the source."""


def unescape(literal):
    def byte(match):
        code = match.group(1)
        if code[0] == "x":
            return chr(int(code[1:], 16))
        if code.isdigit():
            return chr(int(code, 8))
        return ESCAPES.get(code, code)
    return ESCAPE.sub(byte, literal[1:-1])


def tokens(text):
    """(kind, text, line) of all but blanks, comments and macros."""
    line = 1
    for match in TOKEN.finditer(text):
        if match.lastgroup not in ("blank", "define"):
            yield match.lastgroup, match.group(), line
        line += match.group().count("\n")


def arguments(rest):
    """Those of a call whose "(" has been read, each a list of tokens."""
    found, depth = [[]], 1
    for token in rest:
        depth += {"(": 1, ")": -1}.get(token[1], 0)
        if depth == 0:
            return found
        if depth == 1 and token[1] == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def message_of(argument, mark):
    """The string literals of an argument as one; None for an expression that is looked up as it
    is. Those that the calls in it get are no messages."""
    depth, parts = 0, []
    for kind, text, _ in argument:
        depth += {"(": 1, ")": -1}.get(text, 0)
        if kind == "string" and depth == 0:
            parts.append(text)
    if parts and len(parts) < len(argument):
        raise Unreadable("a message is string literals and nothing else")
    if not parts and mark != "_":
        raise Unreadable(f"the messages of {mark}() are string literals")
    return "".join(map(unescape, parts)) if parts else None


def marked(text):
    """The messages of a source, in order."""
    all_tokens = list(tokens(text))
    for i, (kind, name, line) in enumerate(all_tokens[:-1]):
        if kind != "name" or name not in MARKS or all_tokens[i + 1][1] != "(":
            continue
        for argument in arguments(all_tokens[i + 2:])[:MARKS[name]]:
            try:
                message = message_of(argument, name)
            except Unreadable as mistake:
                raise Unreadable(f"{line}: {name}(): {mistake}") from None
            if message is not None:
                yield message


def of_source(src):
    for path in sorted(glob.glob(os.path.join(src, "**", "*.[ch]"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            found = list(marked(text))
        except Unreadable as mistake:
            raise Unreadable(f"{path}:{mistake}") from None
        if found:
            yield os.path.relpath(path, src), found


def messages(rules, src):
    """Message -> the first section that has it."""
    first = collections.OrderedDict()
    for section, texts in [*of_source(src), *of_rules(rules)]:
        for text in texts:
            if text:
                first.setdefault(text, section)
    return first


def catalogue_path(rules, language):
    return os.path.join(rules, "lang", f"{language}.json")


def holes(text):
    return re.findall(r"{{(.*?)}}", text)


def names(expressions):
    """The names that expressions read, without what stands in their strings."""
    bare = re.sub(r"'(?:[^'\\]|\\.)*'", "''", " ".join(expressions))
    return set(re.findall(r"[A-Za-z_][A-Za-z_0-9.]*", bare))


def conversions(text):
    """Which value is printed how: '%2$s %1$zu' and '%zu %s' are the same."""
    found = [c for c in CONVERSION.findall(text) if c != "%%"]
    if any("$" in c for c in found):
        return {int(re.match(r"%(\d+)\$", c).group(1)): re.sub(r"\d+\$", "", c) for c in found}
    return dict(enumerate(found, 1))


def mistakes(message, section, translation):
    """What is wrong with one translation."""
    if not isinstance(translation, str) or not translation.strip():
        yield "is empty"
        return
    if section.endswith((".c", ".h")):
        if conversions(message) != conversions(translation):
            yield "has other conversions"
        if message[:1].isspace() != translation[:1].isspace() and message.endswith("\n"):
            yield "has another beginning"
        if message.endswith("\n") != translation.endswith("\n"):
            yield "has another end"
    elif "{{" in message or "{{" in translation:
        new = names(holes(translation)) - names(holes(message))
        if new:
            yield f"reads {', '.join(sorted(new))}, which the message does not"
        if translation.count("{{") != translation.count("}}"):
            yield "has '{{' without '}}'"
    for control in re.findall(r"[\x00-\x09\x0b-\x1f]", translation):
        yield f"holds a control character {control!r}"


def check(rules, src):
    wanted = messages(rules, src)
    wrong = []
    found = sorted(glob.glob(os.path.join(rules, "lang", "*.json")))
    for path in found:
        have = load(path)["messages"]
        wrong += [f"{path}: no translation ({section}): {text[:200]!r}"
                  for text, section in wanted.items() if text not in have]
        wrong += [f"{path}: of no message: {text[:200]!r}" for text in have if text not in wanted]
        wrong += [f"{path}: {text[:120]!r}: {mistake}" for text, translation in have.items()
                  if text in wanted for mistake in mistakes(text, wanted[text], translation)]
    print("\n".join(wrong) if wrong else f"{len(wanted)} messages, {len(found)} catalogues")
    return 1 if wrong or not found or len(wanted) < 1000 else 0


def missing(rules, src, language):
    have = load(catalogue_path(rules, language))["messages"]
    sections = collections.OrderedDict()
    for text, section in messages(rules, src).items():
        if text not in have:
            sections.setdefault(section, []).append(text)
    print(json.dumps(sections, ensure_ascii=False, indent=1))
    return 0


def merge(rules, src, language, files):
    path = catalogue_path(rules, language)
    document = load(path)
    have = dict(document["messages"])
    for file in files:
        have.update(load(file))
    document["messages"] = collections.OrderedDict(
        (text, have[text]) for text in messages(rules, src) if text in have)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, indent=1)
        out.write("\n")
    return 0


def main():
    command, rules, src, *rest = sys.argv[1:]
    try:
        if command == "check":
            return check(rules, src)
        if command == "missing":
            return missing(rules, src, *rest)
        return merge(rules, src, rest[0], rest[1:])
    except Unreadable as mistake:
        print(mistake)
        return 1


if __name__ == "__main__":
    sys.exit(main())
