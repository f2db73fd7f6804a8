"""A network namespace of its own, and TCP sockets in every state that loopback can reach.

Everything stays inside: lo, and a veth pair that swallows what is sent to SINK."""
import ctypes
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from segments import ACK, send_segment, send_syn  # noqa: E402,F401

CLONE_NEWNET = 0x40000000
HERE, SINK = "10.7.0.1", "10.7.0.99"
SKIP = 77


def skip(why):
    print("skipped:", why)
    sys.exit(SKIP)


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def add_sink():
    """A link that swallows what is sent to SINK."""
    run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
    run("ip", "addr", "add", HERE + "/24", "dev", "v0")
    for name in ("v0", "v1"):
        run("ip", "link", "set", name, "up")
    # v1 is not the owner of this link address, so it drops what comes for it.
    run("ip", "neigh", "add", SINK, "lladdr", "02:00:00:00:00:01", "dev", "v0", "nud", "permanent")


def enter():
    """Moves this process into a new network namespace or ends the test."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        skip(f"unshare: {os.strerror(ctypes.get_errno())}")
    try:
        run("ip", "link", "set", "lo", "up")
        add_sink()
    except (OSError, subprocess.CalledProcessError) as error:
        skip(f"can't set the namespace up: {error}")
    write("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999")
    write("/proc/sys/net/ipv4/ip_local_reserved_ports", "50000,50010-50012")


class Listener:
    def __init__(self, address, port, backlog=64, v6only=False, reuse=False):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        if reuse:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind((address, port))
        self.socket.listen(backlog)

    def connect(self, address="127.0.0.1", accept=True, small=False):
        """A pair (client, server); server is None when it was not accepted. small: with buffers that
        are soon full."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM)
        if small:
            for end in (client, self.socket):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.connect((address, self.socket.getsockname()[1]))
        return client, self.socket.accept()[0] if accept else None


def fill(sender):
    """Sends until the peer's window is closed and our buffer full."""
    sender.setblocking(False)
    quiet = time.monotonic() + 5
    while time.monotonic() < quiet:
        try:
            while True:
                sender.send(b"x" * 4096)
        except BlockingIOError:
            pass
        before = time.monotonic()
        time.sleep(0.3)
        try:
            sender.send(b"x")
        except BlockingIOError:
            return
        quiet = max(quiet, before)
    raise RuntimeError("the window did not close")
