"""What the kernel counts in the namespace of the caller, and how long to wait for it."""
import select
import socket
import struct
import time

ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING = (
    1, 2, 3, 4, 5, 6, 8, 9, 10, 11)  # include/net/tcp_states.h


def rows(family=""):
    try:
        with open("/proc/net/tcp" + family, encoding="ascii") as file:
            next(file)
            return [line.split() for line in file]
    except FileNotFoundError:  # no IPv6
        return []


def count(*states):
    """IPv4 sockets of this namespace in these states."""
    return sum(int(row[3], 16) in states for row in rows())


def listening(port):
    """Whether somebody listens on the port, by IPv4 or IPv6."""
    return any(int(row[3], 16) == LISTEN and int(row[1].rpartition(":")[2], 16) == port
               for row in rows() + rows("6"))


def counters():
    """{"TcpExt.ListenDrops": 0, ...}: /proc/net/snmp and /proc/net/netstat."""
    found = {}
    for name in ("snmp", "netstat"):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            lines = [line.split() for line in file]
        for names, values in zip(lines[::2], lines[1::2]):
            found.update((names[0].rstrip(":") + "." + key, int(value))
                         for key, value in zip(names[1:], values[1:]))
    return found


def counter(name):
    return counters()[name]


def growth(name, seconds=1):
    """By how much the counter grows in so many seconds from now on."""
    before = counter(name)
    time.sleep(seconds)
    return counter(name) - before


def wait_until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def reset_on_close(connection):
    """It will end with a reset, which leaves no TIME_WAIT on either side."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def failed_connects(target, wanted, seconds=0.5):
    """How many of so many connects at once are not established in that time. Each ends with a reset, which
    leaves no TIME_WAIT."""
    made = [socket.socket() for _ in range(wanted)]
    poll = select.poll()
    for client in made:
        reset_on_close(client)
        client.setblocking(False)
        client.connect_ex(target)
        poll.register(client, select.POLLOUT)
    deadline = time.monotonic() + seconds
    waiting, established = wanted, 0
    while waiting and time.monotonic() < deadline:
        for descriptor, events in poll.poll(1000 * max(deadline - time.monotonic(), 0)):
            poll.unregister(descriptor)
            waiting -= 1
            established += events == select.POLLOUT
    for client in made:
        client.close()
    return wanted - established


def silent(connections, seconds):
    """How many of these get nothing to read, and no end, within so many seconds."""
    deadline = time.monotonic() + seconds
    waiting = list(connections)
    while waiting and (left := deadline - time.monotonic()) > 0:
        heard, _, _ = select.select(waiting, [], [], left)
        waiting = [connection for connection in waiting if connection not in heard]
    return len(waiting)
