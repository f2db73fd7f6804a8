#!/usr/bin/python3
"""Looking changes nothing: every system call of whole audits, seen by strace, is one of a short list.

The list allows reading, and says of what else the program does why that is nothing: a call that is not
here, or has other arguments, is a complaint. The same is held against small programs that do write,
bind, signal and so on: those must be complained about, or the test is blind."""
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile

import namespace as ns

TOOL = os.environ["TCPADVISE"]
NOBODY = 65534
SYS_BPF = {"x86_64": 321, "aarch64": 280}
# Under strace the sanitizer can't look for leaks; it would forbid itself core dumps.
ASAN = "detect_leaks=0:disable_coredump=0"
WRITING = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE")


# ---- what is allowed ----

def always(_args):
    return True


def opens_for_reading(args):
    return not any(flag in args for flag in WRITING)


def has(*patterns):
    """Whether one of them is found where the arguments begin."""
    return lambda args: any(re.match(pattern, args) for pattern in patterns)


def asks_for_sockets(args):
    """A dump of sock_diag, or one of its sockets, or a list of queueing disciplines, and nothing else in the
    datagram: to end or change one is another type."""
    types = re.findall(r"nlmsg_type=(\w+)", args)
    # numbers where strace does not see the socket's protocol: of one in another network namespace
    return (re.match(r"\d+<NETLINK:", args) and types
            and set(types) <= {"TCPDIAG_GETSOCK", "SOCK_DIAG_BY_FAMILY", "0x12", "0x14",
                              "RTM_GETQDISC", "0x26"})


NETLINK = has(r"\d+<NETLINK:")
ALLOWED = {
    # files: only to read
    "open": opens_for_reading, "openat": opens_for_reading,
    **dict.fromkeys(("read", "readv", "pread64", "preadv", "lseek", "close", "readlink", "readlinkat",
                     "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access",
                     "faccessat", "faccessat2", "getdents64", "dup"), always),
    "fcntl": has(r"\d+<.*>, (F_GETFL|F_GETFD|F_SETFD|F_DUPFD_CLOEXEC|F_DUPFD)\b"),
    # the report, to where the caller pointed standard output and error
    "write": has(r"[12]<"), "writev": has(r"[12]<"),
    # a terminal's width, and what the kernel tells of an interface
    "ioctl": has(r"\d+<.*>, (TCGETS|TIOCGWINSZ|SIOCGIF\w+|SIOCETHTOOL)\b"),
    # sockets: netlink to ask sock_diag and of queues, and one of no address and no peer to ask of interfaces
    "socket": has(r"AF_NETLINK, .*, NETLINK_(SOCK_DIAG|ROUTE)$", r"AF_INET, SOCK_DGRAM\b"),
    "bind": NETLINK, "getsockname": NETLINK, "setsockopt": NETLINK,
    "sendto": asks_for_sockets, "sendmsg": asks_for_sockets,
    "recvmsg": NETLINK, "recvfrom": NETLINK, "recv": NETLINK,
    # BPF: programs, maps and iterators that end with their descriptors; nothing is pinned or attached
    # to an event. BTF describes types. The one map that is written is that of the programs' variables.
    "bpf": has(r"BPF_(PROG_LOAD|MAP_CREATE|BTF_LOAD|ITER_CREATE|MAP_FREEZE|MAP_UPDATE_ELEM)\b",
               r"BPF_LINK_CREATE, .*attach_type=BPF_TRACE_ITER", r"BPF_\w+_GET_\w+\b"),
    # its own memory, time and identity
    **dict.fromkeys(("brk", "mmap", "mprotect", "munmap", "mremap", "madvise", "set_tid_address",
                     "set_robust_list", "rseq", "arch_prctl", "getrandom", "uname", "sysinfo",
                     "getrusage", "times", "clock_gettime", "clock_nanosleep", "nanosleep", "getpid",
                     "gettid", "getppid", "geteuid", "getuid", "getgid", "getegid", "capget",
                     "sched_getaffinity", "sched_yield", "rt_sigaction", "rt_sigprocmask", "sigaltstack",
                     "rt_sigreturn", "restart_syscall", "futex", "poll", "ppoll", "exit",
                     "exit_group"), always),
    # into other network namespaces, and back
    "setns": has(r"\d+<.*>, CLONE_NEWNET$"),
    # CAP_NET_ADMIN is set aside while interfaces are asked: with it the kernel loads modules by their name
    "capset": has(r"\{version=\w+, pid=0\}"),
    "prctl": has(r"PR_(GET_\w+|CAPBSET_READ|SET_NAME|SET_VMA)\b"),
    # limits are asked; of its own descriptors it may raise the soft one, for the namespaces that it holds
    "prlimit64": has(r"0, \w+, NULL, ", r"0, RLIMIT_NOFILE, \{"), "getrlimit": always,
    "execve": always,  # only the first one: see below
}


# ---- what was done ----

CALL = re.compile(r"(\d+) +(\w+)\((.*?)(?:\) += [^=]*)?$")


def complaints_of(trace):
    """What of a trace is not allowed."""
    found, processes, programs = [], set(), 0
    for line in trace.splitlines():
        call = CALL.match(line)
        if not call:
            continue  # a signal, or the end
        process, name, args = call.groups()
        processes.add(process)
        programs += name in ("execve", "execveat")
        if not ALLOWED.get(name, lambda _: False)(args):
            found.append(f"{name}({args[:200]})")
    assert processes, f"nothing was traced:\n{trace[:500]}"
    if len(processes) > 1:
        found.append(f"{len(processes)} processes or threads")
    if programs > 1:
        found.append(f"{programs} programs were executed")
    return found


def trace_of(command, **how):
    """All system calls of a command and of what it starts; sockets by their protocol, nothing cut short."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # for an ordinary user's
        path = os.path.join(folder, "trace")
        done = subprocess.run(["strace", "-f", "-yy", "-v", "-s", "64", "-o", path, *command],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120,
                              env=dict(os.environ, ASAN_OPTIONS=ASAN), **how)
        with open(path, encoding="utf-8", errors="replace") as file:
            return done, file.read()


def modules():
    """Names of the loaded kernel modules; the same for all of a kernel without them."""
    try:
        with open("/proc/modules", encoding="ascii") as file:
            return {line.split()[0] for line in file}
    except FileNotFoundError:
        return set()


# ---- the tests ----

def check_audit(*options, **how):
    command = [TOOL, "audit", *options]
    before = modules()
    done, trace = trace_of(command, **how)
    assert done.returncode == 0, (command, done)
    assert done.stdout, "no report"
    assert modules() == before, modules() ^ before
    found = complaints_of(trace)
    assert not found, f"{' '.join(options)}:\n" + "\n".join(found)
    return trace


def check_bpf(trace):
    """That what is said of BPF was tried at all, where it can be."""
    if "BPF_ITER_CREATE" not in trace:
        print("not tried: no BPF here")


def check_blindness(folder):
    """Programs that are not quiet, and what must be said of them."""
    python = [sys.executable, "-S", "-c"]
    sockets = "import socket; s = socket.socket()"
    pin = f"import ctypes; ctypes.CDLL(None).syscall({SYS_BPF.get(platform.machine(), -1)}, 6, 0, 0)"
    loud = [
        (["sh", "-c", f": > {folder}/a"], "openat("),
        (["sh", "-c", f": >> {folder}/a"], "openat("),
        (["mkdir", f"{folder}/b"], "mkdir"),
        (["chmod", "600", f"{folder}/a"], "chmod"),
        (["mv", f"{folder}/a", f"{folder}/c"], "rename"),
        (["rm", f"{folder}/c"], "unlink"),
        (["sh", "-c", "true; /bin/true; true"], "2 processes"),
        (["sh", "-c", "exec /bin/true"], "2 programs"),
        (["sh", "-c", "kill -0 $$"], "kill("),
        (["sh", "-c", "ulimit -f 100"], "prlimit64("),
        (["ip", "link", "set", "lo", "up"], "sendmsg("),
        (["mount", "-t", "tmpfs", "none", f"{folder}/none"], "mount"),
        (python + [sockets + "; s.bind(('127.0.0.1', 0))"], "bind("),
        (python + [sockets + "; s.listen()"], "listen("),
        (python + [sockets + "; s.connect_ex(('127.0.0.1', 1))"], "connect("),
        ([TOOL, "audit", "--sample", "0", "--output", f"{folder}/report"], "openat("),
    ]
    if platform.machine() in SYS_BPF:
        loud.append((python + [pin], "bpf(BPF_OBJ_PIN"))
    for command, word in loud:
        found = complaints_of(trace_of(command)[1])
        assert any(word in complaint for complaint in found), (command, word, found)
    found = complaints_of(trace_of(["head", "-c1", "/proc/self/status"])[1])
    assert not found, found


def main():
    ns.enter()
    try:
        if trace_of(["true"])[0].returncode != 0:
            ns.skip("strace can't trace here")
    except FileNotFoundError:
        ns.skip("the package strace is not installed")
    listener = ns.Listener("127.0.0.1", 20001)
    client = socket.create_connection(("127.0.0.1", 20001))
    waiting, _ = listener.socket.accept()  # in CLOSE_WAIT: it is asked how long
    client.close()
    with tempfile.TemporaryDirectory() as folder:
        check_blindness(folder)
    check_bpf(check_audit("--owners", "bpf", "--sample", "300ms", "--format", "text"))
    check_audit("--owners", "proc", "--sample", "300ms", "--format", "json")
    check_audit("--no-processes", "--sample", "0", "--verbose")
    check_audit("--netns", "all", "--sample", "0")
    if subprocess.run([TOOL, "--version"], user=NOBODY, capture_output=True, check=False).returncode == 0:
        check_audit("--sample", "0", user=NOBODY, group=NOBODY, extra_groups=[])
    else:
        print("not tried: nobody can't run the program from its folder")
    waiting.close()
    listener.socket.close()


if __name__ == "__main__":
    main()
