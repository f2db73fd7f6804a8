#!/usr/bin/env python3
"""The manual and --help: what groff and mandoc say of the pages (nothing), and that every option of
every command is in them, in --help and in the three completions, and none else."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile

PROGRAM, SOURCE = os.environ["TCPADVISE"], os.environ["SOURCE"]
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "MANWIDTH": "80"}
LINTERS = (["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"], ["groff", "-man", "-ww", "-z"],
           ["mandoc", "-Tlint"])
SHELLS = ("bash", "zsh", "fish")


def run(*args):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout


def equal(what, found, wanted):
    assert set(found) == set(wanted), f"{what}: only here {set(found) - set(wanted)}, " \
                                      f"missing {set(wanted) - set(found)}"


def section(page, name):
    return re.search(rf'^\.SH "{name}"\n(.*?)(?=^\.SH |\Z)', page, re.M | re.S).group(1)


def plain(roff):
    """The text of a piece of a page: escapes and requests are gone, lines are joined."""
    text = re.sub(r"^\.(TP|RS|RE|PP|EX|EE)\n", "\n", roff, flags=re.M)
    for escape, char in ((r"\%", ""), (r"\fB", ""), (r"\fR", ""), (r"\fI", ""), (r"\-", "-"),
                         (r"\(aq", "'"), (r"\(dq", '"'), (r"\&", ""), (r"\(ti", "~"), (r"\e", "\\")):
        text = text.replace(escape, char)
    return text


def check_linters(page, number):
    with tempfile.NamedTemporaryFile("w", suffix="." + number) as file:
        file.write(page)
        file.flush()
        for linter in LINTERS:
            if not shutil.which(linter[0]):
                print(f"{linter[0]} is not installed: passed over")
                continue
            done = subprocess.run([*linter, file.name], capture_output=True, text=True,
                                  env=ENVIRONMENT, check=False)
            said = done.stderr + (done.stdout if linter[0] == "mandoc" else "")
            assert not said, f"{linter[0]}: {said}"


def options_of_help(command):
    text = run(command, "--help")
    wide = [line for line in text.splitlines()
            if len(line) > 80 and not line.startswith("  parallel ")]
    assert not wide, wide
    assert run("help", command) == text
    return re.findall(r"^  (?:-\w, |    )--([a-z-]+)", text, re.M)


def options_of_bash(script, command):
    functions = script[script.index("_tcpadvise_options()"):]
    words = re.search(rf"^\t{command}\) offer='words ([^']*)'", functions, re.M).group(1)
    return [word[2:] for word in words.split()]


def options_of_zsh(script, command):
    main = script[script.index("\n_tcpadvise()"):]
    block = re.search(rf"^\t{command}\)\n(.*?) ;;$", main, re.M | re.S).group(1)
    return re.findall(r"^\t\t\t'(?:\*|\([^)]*\))?--([a-z-]+)=?\[", block, re.M)


def options_of_fish(script, command):
    rows = re.findall(r"-n '__tcpadvise_is ([^']*)'(?: -s \w)? -l ([a-z-]+)", script)
    return [name for commands, name in rows if command in commands.split()]


def variables_of_sources():
    """What src/ reads by getenv(): by its name, or as output.c and locale.c do."""
    names, texts = set(), {}
    for folder, _, files in os.walk(os.path.join(SOURCE, "src")):
        for name in files:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    texts[os.path.join(os.path.basename(folder), name)] = file.read()
    for name, text in texts.items():
        names.update(re.findall(r'(?:getenv|is_set|ta_locale_name)\("([A-Z_]+)"\)', text))
        other = set(re.findall(r"getenv\(([^\")]+)\)", text))
        assert other <= {"cli/output.c": {"name"}, "cli/locale.c": {"variables[i]"}}.get(name, set()), (name, other)
    listed = re.search(r"variables\[\] = \{(.*?)\}", texts["cli/locale.c"]).group(1)
    return names | set(re.findall(r'"([A-Z_]+)"', listed))


def check_examples(page):
    """Each example is understood: with --help behind it nothing is done."""
    lines = re.findall(r"^\.TP\n\\fB(tcpadvise.*?)\\fR$", section(page, "EXAMPLES"), re.M)
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(plain(line).split(" | ")[0])
        run(*words[1:], "--help")


def check_pack(page):
    """The example pack of tcpadvise-rules(5) has no mistake."""
    example = plain(re.findall(r"^\.EX\n(.*?)^\.EE", section(page, "EXAMPLES"), re.M | re.S)[0])
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "local.json"), "w", encoding="utf-8") as file:
            file.write(example)
        print(run("rules", "check", os.path.join(folder, "local.json")), end="")


def main():
    page, rules = run("manual"), run("manual", "rules")
    scripts = {shell: run("completion", shell) for shell in SHELLS}
    commands = re.findall(r"^  ([a-z]+) ", run("--help"), re.M)
    of_commands = section(page, "COMMANDS")
    everything = set()

    assert run("--help") == run("help")
    check_linters(page, "1")
    check_linters(rules, "5")
    assert len(commands) > 10
    blocks = dict(re.findall(r"^\.TP\n\\fB([a-z]+)\\fR.*?\n(.*?)^\.RE$", of_commands, re.M | re.S))
    equal("commands of the page", blocks, commands)
    for command in commands:
        options = options_of_help(command)
        everything |= set(options)
        listed = plain(blocks[command]).split("Options: ")[-1]
        equal(f"{command}: page", re.findall(r"--([a-z-]+)", listed), options)
        equal(f"{command}: bash", options_of_bash(scripts["bash"], command), options)
        equal(f"{command}: zsh", options_of_zsh(scripts["zsh"], command), options)
        equal(f"{command}: fish", options_of_fish(scripts["fish"], command), options)
    items = re.findall(r"^\.TP\n\\fB(.*?)\\fR", section(page, "OPTIONS"), re.M)
    equal("OPTIONS", [plain(item).split("--")[1] for item in items], everything)
    items = re.findall(r"^\.TP\n\\fB(.*?)\\fR", section(page, "ENVIRONMENT"), re.M)
    equal("ENVIRONMENT", items, variables_of_sources())
    check_examples(page)
    check_pack(rules)


main()
