#!/usr/bin/python3
"""Bytes that wait to be read or to be acknowledged, and connections whose peer is gone, made one by one: a
snapshot by sock_diag and one by /proc must count them to the byte, and no SYN or FIN as one."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

import namespace as ns

TOOL = os.environ["TCPADVISE"]
PEER = "10.7.0.2"
HERE_PORT, PEER_PORT = 20001, 20002
NOBODYS_ADDRESS = "02:00:00:00:00:02"
SECONDS = 20  # for three time-outs: 0.2 + 0.4 + 0.8 s and some

keep = []


class Peer:
    """A process in a namespace of its own at the other end of the veth pair: it connects, accepts, sends and shuts
    down when it is told to."""

    def __init__(self):
        self.channel, theirs = socket.socketpair(socket.AF_UNIX)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.channel.close()
                self.serve(theirs.makefile("rw"))
            finally:
                os._exit(1)
        theirs.close()
        self.file = self.channel.makefile("rw")
        assert self.file.readline() == "unshared\n"
        ns.run("ip", "link", "set", "v1", "netns", str(self.pid))
        self.tell("up")

    @staticmethod
    def serve(channel):
        if ctypes.CDLL(None).unshare(ns.CLONE_NEWNET) != 0:
            return
        print("unshared", file=channel, flush=True)
        listener, ends = None, []
        for line in channel:
            word, *number = line.split()
            if word == "up":
                ns.run("ip", "addr", "add", PEER + "/24", "dev", "v1")
                ns.run("ip", "link", "set", "v1", "up")
                listener = ns.Listener(PEER, PEER_PORT)
            elif word == "connect":
                ends.append(socket.create_connection((ns.HERE, HERE_PORT)))
            elif word == "accept":
                ends.append(listener.socket.accept()[0])
            elif word == "send":
                ends[-1].send(b"x" * int(number[0]))
            elif word == "shutdown":
                ends[int(number[0])].shutdown(socket.SHUT_WR)
            print("done", file=channel, flush=True)

    def tell(self, *words):
        print(*words, file=self.file, flush=True)
        assert self.file.readline() == "done\n", words

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def outbound(peer):
    client = socket.create_connection((PEER, PEER_PORT))
    peer.tell("accept")
    keep.append(client)
    return client


def inbound(peer, listener):
    peer.tell("connect")
    server = listener.socket.accept()[0]
    keep.append(server)
    return server


def take(*options):
    done = subprocess.run([TOOL, "snapshot", "--sample", "0", *options], capture_output=True,
                          check=True)
    return json.loads(done.stdout)


def has(row, wanted, what):
    wrong = {name: (row.get(name), value) for name, value in wanted.items()
             if row.get(name) != value}
    assert not wrong, f"{what} (found, made): {wrong}"


def check_unread(peer, listener):
    """Readers that stop: two with data, one of them at the end of the stream; one with a FIN alone."""
    shared = inbound(peer, listener)
    peer.tell("send", 5000)
    inbound(peer, listener)
    peer.tell("send", 900)
    peer.tell("shutdown", 1)
    inbound(peer, listener)
    peer.tell("shutdown", 2)
    peer.tell("connect")  # stays in the accept queue
    peer.tell("send", 7)
    other = subprocess.Popen(["sleep", "100"], pass_fds=[shared.fileno()])
    try:
        time.sleep(0.3)
        for options in ((), ("--proc-sockets",)):
            snapshot = take(*options)
            space = snapshot["namespaces"][0]
            has(space["sockets"], {"recv_queue_bytes": 5907, "send_queue_bytes": 0, "close_wait": 2,
                                   "established_retrans": 0, "established_retrans_bulk": 0}, "unread")
            rows = {row["pid"]: row for row in snapshot["processes"]}
            has(rows[os.getpid()], {"recv_queue_bytes": 5900, "send_queue_bytes": 0}, "ours")
            has(rows[other.pid], {"recv_queue_bytes": 5000, "send_queue_bytes": 0,
                                  "tcp_sockets": 1}, "shared")
    finally:
        other.kill()
        other.wait()
    keep.append(listener.socket.accept()[0])


def lose_peer():
    """What we send goes to a link address that nobody has; what the peer sends still arrives."""
    ns.run("ip", "neigh", "replace", PEER, "lladdr", NOBODYS_ADDRESS, "dev", "v0", "nud",
           "permanent")


def make_lost(peer, listener):
    few, many, closed, closing = (outbound(peer) for _ in range(4))
    served, last = inbound(peer, listener), inbound(peer, listener)
    peer.tell("shutdown", 9)  # of the last one
    time.sleep(0.1)
    lose_peer()
    few.send(b"x" * 10)
    many.send(b"x" * 5000)
    served.send(b"x" * 1200)
    closed.send(b"x" * 300)
    closed.shutdown(socket.SHUT_WR)   # FIN_WAIT_1
    closing.send(b"x" * 40)
    closing.shutdown(socket.SHUT_WR)
    peer.tell("shutdown", 7)          # CLOSING: our FIN is lost, theirs arrives
    last.send(b"x" * 70)
    last.shutdown(socket.SHUT_WR)     # LAST_ACK
    syn = socket.socket()
    syn.setblocking(False)
    syn.connect_ex((PEER, 81))        # SYN_SENT
    keep.append(syn)


def check_lost():
    states = {"fin_wait1": 1, "closing": 1, "last_ack": 1, "syn_sent": 1}
    sent = 10 + 5000 + 1200 + 300 + 40 + 70
    until = time.monotonic() + SECONDS
    while take()["namespaces"][0]["sockets"]["established_retrans"] < 3:
        assert time.monotonic() < until, "no three time-outs"
        time.sleep(0.3)
    for options in ((), ("--proc-sockets",)):
        snapshot = take(*options)
        space = snapshot["namespaces"][0]
        has(space["sockets"], {"established_retrans": 3, "established_retrans_bulk": 2,
                               "send_queue_bytes": sent, "recv_queue_bytes": 5907, **states}, "lost")
        listener, = space["listeners"]
        has(listener, {"retrans": 1, "retrans_bulk": 1}, "listener")
        rows = {row["remote"]: row for row in space["destinations"]}
        has(rows[f"{PEER}:{PEER_PORT}"], {"sockets": 4, "retrans": 2, "retrans_bulk": 1}, "peer")
        has(rows[f"{PEER}:81"], {"retrans": 0, "retrans_bulk": 0}, "SYN_SENT")
        own = next(row for row in snapshot["processes"] if row["pid"] == os.getpid())
        has(own, {"send_queue_bytes": sent, "recv_queue_bytes": 5907}, "ours")
    print("lost:", space["sockets"])


def main():
    ns.enter()
    peer = Peer()
    try:
        listener = ns.Listener("0.0.0.0", HERE_PORT)
        check_unread(peer, listener)
        make_lost(peer, listener)
        check_lost()
    finally:
        peer.end()


if __name__ == "__main__":
    sys.exit(main())
