"""A server whose one thread does the work and accepts: clients give up in its accept queue. In a long queue they
wait in vain; a short one is full of them, and new clients are dropped."""
import signal
import socket
import threading

import lab

SERVER = ("127.0.0.1", 8080)
LONG, SHORT = 64, 7
GONE = 24
ASKED, PATIENCE_S = 5, 0.5


def server(tell, backlog, accepts):
    listener = socket.create_server(SERVER, backlog=backlog)
    tell("listening")
    if not accepts:
        signal.pause()  # at work
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def answer(connection):
    with connection:
        if connection.recv(4096):
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")


def ask(client):
    """Whether there is an answer before the patience ends."""
    client.settimeout(PATIENCE_S)
    try:
        client.connect(SERVER)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return client.recv(1) != b""
    except OSError:
        return False


def clients(tell, count, stay):
    """Those whom a full queue drops are not connected, and not waited for."""
    made = [socket.socket() for _ in range(count)]
    for client in made:
        client.setblocking(False)
        client.connect_ex(SERVER)
    lab.wait_until(lambda: lab.count(lab.SYN_RECV) == 0, "connected")
    if not stay:
        while made:
            made.pop().close()
    tell("done")
    signal.pause()


def unanswered():
    answers = []
    threads = []
    for _ in range(ASKED):
        threads.append(threading.Thread(target=lambda: answers.append(ask(socket.socket()))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return ASKED - sum(answers)


class NeverAccepted(lab.Scenario):
    name = "never_accepted"
    proves = {"close-wait-unaccepted": "warning"}
    owner = ("busy-server", "127.0.0.1:8080")
    words = ("127.0.0.1:8080", "busy-server")
    measured = f"clients without an answer, of {ASKED}"
    steady = True
    backlog = LONG
    gone = GONE

    def fault(self, host):
        self.server = host.spawn("busy-server", server, self.backlog, False)
        self.server.hear()
        host.spawn("clients", clients, self.gone, False).hear()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == self.gone, "they are gone")

    def check(self, report):
        finding = report.the("close-wait-unaccepted", ["warning", "critical"], "127.0.0.1:8080")
        lab.says(finding, self.gone, self.backlog + 1)

    def measure(self, host):
        return unanswered()

    def cure(self, host, report):
        fix = report.fix("close-wait-unaccepted", "application", "does not accept")
        assert "State:\tS" in host.look(fix, "/proc/"), "the lines tell nothing of the process"
        self.server.end()
        host.spawn("busy-server", server, self.backlog, True).hear()

    def twin(self, host):
        """As many in the same queue; they still wait."""
        host.spawn("busy-server", server, self.backlog, False).hear()
        host.spawn("clients", clients, self.gone, True).hear()


class QueueOfTheGone(NeverAccepted):
    name = "never_accepted_full"
    proves = {"close-wait-unaccepted": "critical"}
    words = ("127.0.0.1:8080",)
    # The full queue is a finding of its own, and so is what it has dropped.
    beside = {"accept_queue_overflow"}
    twin_beside = beside
    backlog = SHORT
    gone = SHORT + 1

    def check(self, report):
        super().check(report)
        finding = report.the("close-wait-unaccepted", ["critical"])
        assert "The queue is full, and new clients are dropped." in finding["diagnosis"], finding["diagnosis"]
