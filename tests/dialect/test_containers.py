#!/usr/bin/python3
"""Dialects "docker", "podman" and "compose": the real clients, and what they would have an engine make."""
import glob
import json
import os
import shlex
import subprocess

import dialect as d
from engine import Engine

# Above what podman may give here its default would be; so the test says both.
LIMITS = [d.limit("nofile", "100:200"), d.limit("nproc", "300:400")]
NOT_OF_A_CONTAINER = ("net.netfilter.nf_conntrack_max", "net.core.rmem_max", "fs.nr_open", "vm.swappiness",
                      "net.no.such", "net.ipv4.tcp_available_congestion_control", "net.ipv4.conf.eth0/7.rp_filter",
                      "kernel.pid_max")


def words_of(dialect, items, command, *tail):
    """The command as a shell reads the last line, with other words for its "..."; create makes what run would start."""
    line = d.text_of(dialect, items).split("\n")[-2]
    words = shlex.split(line)
    assert words[:2] == [dialect, "run"] and words[-1] == "...", words
    return [*command, "create", *words[2:-1], *tail]


def as_table(*tables):
    return {key: " ".join(value.split()) for table in tables for key, value in table.items()}


# ---- Docker ----

def check_docker():
    engine = Engine(os.path.abspath("engine"))
    client = ["docker", "--host", "unix://" + os.path.abspath("engine")]
    items = [*d.settings(d.SETTINGS, d.LISTS, why="a-rule"), *LIMITS]
    d.run(*words_of("docker", items, client, "image"))
    made = engine.created.pop()["HostConfig"]
    assert made["Sysctls"] == as_table(d.SETTINGS, d.LISTS), made["Sysctls"]
    limits = {row["Name"]: (row["Soft"], row["Hard"]) for row in made["Ulimits"]}
    assert limits == {"nofile": (100, 200), "nproc": (300, 400)}, limits
    d.run(*words_of("docker", [d.limit("nproc", "unlimited")], client, "image"))
    assert engine.created.pop()["HostConfig"]["Ulimits"] == [{"Name": "nproc", "Soft": -1, "Hard": -1}]
    values = {f"net.ipv4.conf.x{i}.y": value for i, value in enumerate(d.HOSTILE)}
    d.run(*words_of("docker", d.settings(values), client, "image"))
    assert engine.created.pop()["HostConfig"]["Sysctls"] == values
    check_shell_of_line(values)
    # The client has a list of what it lets pass.
    ipc = [d.setting(key, "1") for key in ("kernel.sem", "fs.mqueue.msg_max", "kernel.shmmax")]
    d.run(*words_of("docker", ipc, client, "image"))
    engine.shutdown()


def check_shell_of_line(values):
    """shlex reads it as sh does."""
    line = d.text_of("docker", d.settings(values)).split("\n")[-2]
    said = d.output("sh", "-ec", "docker() { printf '%s\\n' \"$@\"; }\n" + line)
    assert said.split("\n")[:-1] == shlex.split(line)[1:]
    assert not os.path.exists("pwned")


# ---- Podman ----

def check_podman():
    where = os.path.abspath("podman")
    client = ["podman", "--runtime", "crun", "--root", where + "/storage", "--runroot", where + "/run", "--storage-driver", "vfs",
              "--cgroup-manager", "cgroupfs"]
    os.makedirs("rootfs")
    items = [*d.settings(d.SETTINGS, why="a-rule"), *LIMITS]
    d.run(*words_of("podman", items, client, "--name", "ours", "--network", "none", "--cgroups", "disabled",
                    "--rootfs", "rootfs", "true"))
    try:
        # Where control groups are of an odd mixture the runtime refuses in the end; its orders are written by then.
        subprocess.run([*client, "init", "ours"], check=False, capture_output=True)
        with open(glob.glob(where + "/storage/vfs-containers/*/userdata/config.json")[0], encoding="utf-8") as file:
            orders = json.load(file)
        for key, value in as_table(d.SETTINGS).items():
            assert orders["linux"]["sysctl"][key] == value, (key, orders["linux"]["sysctl"])
        limits = {row["type"]: (row["soft"], row["hard"]) for row in orders["process"]["rlimits"]}
        assert limits == {"RLIMIT_NOFILE": (100, 200), "RLIMIT_NPROC": (300, 400)}, limits
        check_commas(client)
    finally:
        subprocess.run([*client, "rm", "--all", "--force"], check=False, capture_output=True)


def check_commas(client):
    """What we don't say, Podman would take apart."""
    d.refuses("podman", d.settings(d.LISTS))
    (key, value), = d.LISTS.items()
    done = subprocess.run([*client, "create", "--sysctl", f"{key}={value}", "--rootfs", "rootfs", "true"], check=False,
                          capture_output=True, text=True)
    assert done.returncode != 0 and "is invalid" in done.stderr, done


# ---- Compose ----

def composed(*texts):
    """The service as docker-compose understood it, of a file that has one and of ours on top of it."""
    options = []
    for number, text in enumerate(texts):
        d.write(f"{number}.yml", text)
        options += ["-f", f"{number}.yml"]
    return yaml.safe_load(d.output("docker-compose", *options, "config"))["services"]


def check_compose():
    items = [*d.settings(d.SETTINGS, d.LISTS, why="a-rule"), *LIMITS]
    for service in (None, "db"):
        name = service or "SERVICE"
        base = f'services:\n  {name}:\n    image: image\n'
        options = {"service": service} if service else {}
        made = composed(base, d.text_of("compose", items, **options))[name]
        assert made["sysctls"] == as_table(d.SETTINGS, d.LISTS), made
        assert made["ulimits"] == {"nofile": {"soft": 100, "hard": 200}, "nproc": {"soft": 300, "hard": 400}}, made
        values = {f"net.ipv4.conf.x{i}.y": value for i, value in enumerate(d.HOSTILE)}
        made = composed(base, d.text_of("compose", d.settings(values), **options))[name]
        # It prints what could be read again, with two dollars for one.
        assert {key: value.replace("$$", "$") for key, value in made["sysctls"].items()} == values, made
    for hostile in ("a b", "x: {}\n", "$(id)", "", "-"):
        assert "\n  SERVICE:\n" in d.text_of("compose", items, service=hostile)


def check_refusals():
    for name in ("docker", "podman", "compose"):
        d.check_refusals(name)
        d.refuses(name, [d.setting(key, "1") for key in NOT_OF_A_CONTAINER])
        d.refuses(name, d.settings(d.SETTINGS), host_network=True)
        d.refuses(name, [d.setting("net.ipv4.tcp_rmem", "1 2 3")], kernel="4.14.0")
        d.text_of(name, [d.setting("net.ipv4.tcp_rmem", "1 2 3")], kernel="4.15.0")


def main():
    d.need("docker", "podman", "docker-compose")
    d.enter()
    with d.directory():
        check_docker()
        check_podman()
        check_compose()
    check_refusals()
    print("docker, podman and docker-compose understood what was said")


try:
    import yaml
except ImportError as error:
    d.skip(str(error))

if __name__ == "__main__":
    main()
