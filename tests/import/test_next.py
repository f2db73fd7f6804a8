#!/usr/bin/python3
"""What a report says to run next is understood when it comes back.

Each command of x-commands in the schema of snapshots is run here, where it exists and has something to say,
and what it prints is pasted behind its command line: some line has to be read as that command. A report that
asks for what nobody reads would ask for ever. Of the kernel's log and what programs log nothing may be there
to be told; a request has no address here, and a saved snapshot is read as what it is."""
import json
import os
import subprocess
import sys

SCHEMA = os.path.join(os.environ["SOURCE"], "rules", "schema", "snapshot.schema.json")
ELSEWHERE = ("dmesg", "journalctl", "curl", "tcpadvise")
KEYS = "net.core.somaxconn net.ipv4.tcp_rmem"


def as_run(command):
    return (command.replace("KEY", KEYS).replace("PID", str(os.getpid()))
            .replace("sleep 10", "sleep 1"))


def output_of(command):
    """None where the tool is not there, or may not look."""
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, check=False)
    return done.stdout if done.returncode == 0 and done.stdout.strip() else None


def read_as(command, output):
    paste = f"$ {command}\n".encode() + output
    done = subprocess.run([os.environ["TCPADVISE"], "snapshot", "--input", "-"], input=paste,
                          capture_output=True, timeout=60, check=False)
    if done.returncode:
        return done.stderr.decode()
    evidence = json.loads(done.stdout)["evidence"]
    return {source.get("as") for source in evidence["sources"]}


def main():
    with open(SCHEMA, encoding="utf-8") as file:
        commands = [command for command in json.load(file)["x-commands"]
                    if not command.startswith(ELSEWHERE)]
    tried = failed = 0
    for command in map(as_run, commands):
        output = output_of(command)
        if output is None:
            print(f"{command}: not here")
            continue
        tried += 1
        parts = {command, *command.split("; ")}
        understood = read_as(command, output)
        if isinstance(understood, str) or not parts & understood:
            print(f"{command}: read as {understood}")
            failed += 1
    print(f"{tried} of {len(commands)} tried")
    assert tried > 5, "too few to tell"
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
