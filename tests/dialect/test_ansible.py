#!/usr/bin/python3
"""Dialect "ansible": the tasks, played. Twice: a second time there is nothing left to change."""
import json
import os
import re
import subprocess

import dialect as d

PLAY = """- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - import_tasks: tasks.yml
"""
COLLECTIONS = (d.UNPACKED_PYTHON, "/usr/lib/python3/dist-packages")


def run_play(**environment):
    d.write("play.yml", PLAY)
    environment |= {"PATH": os.environ["PATH"], "HOME": os.getcwd(), "LC_ALL": "C.UTF-8", "ANSIBLE_PIPELINING": "1",
                    "ANSIBLE_COLLECTIONS_PATH": ":".join(COLLECTIONS)}
    done = subprocess.run(["ansible-playbook", "-i", "localhost,", "play.yml"], capture_output=True, text=True,
                          check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def play(tasks):
    """How many tasks went well, and how many of them changed something."""
    d.write("tasks.yml", tasks)
    said = run_play()
    return tuple(int(re.search(rf"{word}=(\d+)", said).group(1)) for word in ("ok", "changed"))


def main():
    d.need("ansible-playbook")
    if not any(os.path.isdir(f"{path}/ansible_collections/ansible/posix") for path in COLLECTIONS):
        d.skip("there is no collection ansible.posix")
    d.enter()
    d.cover("/etc/sysctl.d")
    d.cover("/etc/security/limits.d")
    few = dict(list(d.SETTINGS.items())[:2])  # each task takes its time
    tables = (few, d.LISTS, d.DOTTED)
    items = [*d.settings(*tables, why="a-rule"), d.limit("nproc", "8192:unlimited", user="@www")]
    tasks = d.text_of("ansible", items)
    with d.directory():
        with d.sets(*tables):
            count = len(items) + 1  # a limit is two tasks
            assert play(tasks) == (count, count)
            assert play(tasks) == (count, 0)
        check_files(tables)
        check_hostile()
    d.check_refusals("ansible")
    print("Ansible set what was said")


def check_files(tables):
    """What it keeps is what our own file would."""
    with open("/etc/sysctl.d/90-tcpadvise.conf", encoding="ascii") as file:
        kept = {tuple(part.strip() for part in line.split("=", 1)) for line in file if line.strip()}
    ours = d.text_of("sysctl.d", d.settings(*tables)).split("\n")[1:-1]
    assert kept == {tuple(line.split(" = ", 1)) for line in ours}, kept
    with open("/etc/security/limits.d/90-tcpadvise.conf", encoding="ascii") as file:
        rows = [line.split() for line in file]
    assert rows == [["@www", "soft", "nproc", "8192"], ["@www", "hard", "nproc", "unlimited"]], rows


def check_hostile():
    """What a module would get: nothing of Jinja is left to be evaluated, and no word becomes a truth."""
    values = {f"net.core.x{i}": value for i, value in enumerate(d.HOSTILE)}
    text, taken = d.printed("ansible", d.settings(values))
    wanted = [value for value, ok in zip(values.values(), taken) if ok]
    assert len(wanted) > 5 and "yes" not in wanted and "{{ 6 * 7 }}" not in wanted
    tasks = re.findall(r"^    value: (.*)$", text, re.M)
    d.write("tasks.yml", "".join(f"- ansible.builtin.debug:\n    msg: {quoted}\n" for quoted in tasks))
    done = json.loads(run_play(ANSIBLE_STDOUT_CALLBACK="ansible.builtin.json"))
    assert [task["hosts"]["localhost"]["msg"] for task in done["plays"][0]["tasks"]] == wanted, done


if __name__ == "__main__":
    main()
