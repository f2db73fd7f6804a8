"""Where a scenario runs. This program starts itself again, as the first process

- of fresh namespaces of the running kernel (network, processes, mounts): NAMESPACES;
- of another kernel, Debian's user-mode-linux, which is a program like any other: OWN_KERNEL. It has its own
  tables, limits and log, so what is one for a whole host can be filled there; the file system is this one's,
  read-only.

Both get an empty /run, for what programs leave behind, and hand their outcome back as a JSON file in the
directory $TCPADVISE_LAB_EXCHANGE."""
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from .cable import Cable, kernel_word, take
from .tool import SOURCE, Skip, tool

NAMESPACES, OWN_KERNEL = "namespaces", "own-kernel"
PROGRAM_OF_KERNEL = "/usr/bin/linux.uml"
MODULES = "/usr/lib/uml/modules"
MEMORY = "512M"
# What takes most of a start, and nobody here needs: which RAID 6 algorithm is the fastest.
QUICK = "initcall_blacklist=raid6_select_algo"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
POWER_OFF = 0x4321fedc  # include/uapi/linux/reboot.h
EXCHANGE_INSIDE = "/mnt"


# ---- from outside ----

def unshare_command():
    command_line = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return command_line if os.geteuid() == 0 else command_line + ["--map-root-user"]


def check_namespaces():
    """Skips where the kernel or the container does not let us make namespaces."""
    try:
        done = subprocess.run([*unshare_command(), "true"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
    except FileNotFoundError:
        raise Skip("the package util-linux (unshare) is not installed")
    if done.returncode != 0:
        raise Skip("no namespaces here: " + done.stderr.decode(errors="replace").strip())


def check_own_kernel():
    if not os.access(PROGRAM_OF_KERNEL, os.X_OK):
        raise Skip("the package user-mode-linux is not installed")


def namespaces_command(environment):
    os.environ.update(environment)
    return [*unshare_command(), sys.executable, os.path.abspath(sys.argv[0])]


def bytecode():
    """Where Python finds what it has compiled of this program: not in the tree, and it can't write there."""
    prefix = os.environ.get("PYTHONPYCACHEPREFIX")
    return {"PYTHONPYCACHEPREFIX": prefix} if prefix else {"PYTHONDONTWRITEBYTECODE": "1"}


def own_kernel_command(environment):
    """The kernel hands names that it does not know to its first process, as environment."""
    exchange = environment["TCPADVISE_LAB_EXCHANGE"]
    words = dict(environment, PATH=PATH, **bytecode(),
                 TCPADVISE_LAB_EXCHANGE=EXCHANGE_INSIDE, TCPADVISE_LAB_HOSTFS=exchange)
    device = [kernel_word(exchange)] if "TCPADVISE_LAB_CABLE" in environment else []
    return [PROGRAM_OF_KERNEL, *device, f"mem={MEMORY}", QUICK, "rootfstype=hostfs", "ro", "quiet", "loglevel=0",
            f"uml_dir={exchange}/", "con=null", "con0=fd:0,fd:1", *(f"{key}={value}" for key, value in words.items()),
            f"init={sys.executable}", "--", os.path.abspath(sys.argv[0])]


CHECKS = {NAMESPACES: check_namespaces, OWN_KERNEL: check_own_kernel}
COMMANDS = {NAMESPACES: namespaces_command, OWN_KERNEL: own_kernel_command}


def run(machine, environment, timeout, hold):
    """Runs this program in such a machine; what it wrote with hand_back(), or None when it did not."""
    with contextlib.ExitStack() as stack:
        exchange = stack.enter_context(tempfile.TemporaryDirectory())
        if "TCPADVISE_LAB_CABLE" in environment:
            stack.enter_context(Cable(exchange))
        command = COMMANDS[machine](dict(environment, TCPADVISE=tool(), SOURCE=SOURCE,
                                         TCPADVISE_LAB_EXCHANGE=exchange, TCPADVISE_LAB_MACHINE=machine))
        with subprocess.Popen(command, stdin=None if hold else subprocess.DEVNULL,
                              start_new_session=not hold) as process:
            if hold and machine == NAMESPACES:
                explain_hold(process.pid)
            try:
                process.wait(timeout)
            except KeyboardInterrupt:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None
        try:
            with open(os.path.join(exchange, "outcome.json"), encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return None


def first_child(parent, seconds=5):
    """The process whose parent this is, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == parent:
                        return int(pid)
            except OSError:
                pass
        time.sleep(0.02)
    return None


def explain_hold(unshare_pid):
    pid = first_child(unshare_pid)
    if pid:
        print("Look at it from another terminal:\n"
              f"  nsenter --target {pid} --net --pid --mount {tool()}\n"
              f"  nsenter --target {pid} --net --pid --mount ss -tan", flush=True)


# ---- from inside ----

def mount(what, where, kind, *options):
    done = subprocess.run(["mount", "-t", kind, *options, what, where], capture_output=True, check=False)
    if done.returncode != 0:
        raise Skip(f"{where} can't be mounted: {done.stderr.decode(errors='replace').strip()}")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def prepare():
    """What the first process of the machine does first."""
    if os.environ["TCPADVISE_LAB_MACHINE"] == OWN_KERNEL:
        mount("proc", "/proc", "proc")
        mount("sysfs", "/sys", "sysfs")
        mount("none", EXCHANGE_INSIDE, "hostfs", "-o", os.environ["TCPADVISE_LAB_HOSTFS"])
    mount("tmpfs", "/run", "tmpfs")
    os.mkdir("/run/lab", 0o1777)
    os.chmod("/run/lab", 0o1777)
    tempfile.tempdir = os.environ["TMPDIR"] = "/run/lab"
    os.environ["NSTAT_HISTORY"] = "/run/lab/nstat"  # nstat would leave it in /tmp
    if os.environ["TCPADVISE_LAB_MACHINE"] == OWN_KERNEL:
        write("/proc/sys/kernel/hostname", "lab")
        let_modules_load()


def keep_state_apart():
    """Where the tool keeps what it changes is this machine's own: empty folders, but for what else is there."""
    real = "/run/lab/state"
    if os.path.exists(real):
        return
    os.mkdir(real)
    done = subprocess.run(["mount", "--bind", "/var/lib", real], capture_output=True, check=False)
    if done.returncode != 0:
        raise Skip(f"/var/lib can't be kept apart: {done.stderr.decode(errors='replace').strip()}")
    mount("tmpfs", "/var/lib", "tmpfs")
    for name in os.listdir(real):
        os.symlink(os.path.join(real, name), os.path.join("/var/lib", name))
    mount("tmpfs", "/etc/sysctl.d", "tmpfs")


def let_modules_load():
    """Debian's modules of the kernel stand where modprobe does not look, and /lib is read-only."""
    os.makedirs("/run/kernel/lib")
    os.symlink(MODULES, "/run/kernel/lib/modules")
    write("/run/kernel/modprobe", '#!/bin/sh\nexec /sbin/modprobe -d /run/kernel "$@"\n')
    os.chmod("/run/kernel/modprobe", 0o755)
    write("/proc/sys/kernel/modprobe", "/run/kernel/modprobe")


def hand_back(outcome):
    write(os.path.join(os.environ["TCPADVISE_LAB_EXCHANGE"], "outcome.json"), json.dumps(outcome))


def take_packets():
    """What vec0 sends is taken from now on."""
    take(os.environ["TCPADVISE_LAB_EXCHANGE"])


def leave():
    """Ends the machine: the first process of a kernel must not end by itself."""
    sys.stdout.flush()
    if os.environ["TCPADVISE_LAB_MACHINE"] == OWN_KERNEL:
        os.sync()
        ctypes.CDLL(None).reboot(ctypes.c_int(POWER_OFF))
