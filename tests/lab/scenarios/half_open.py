"""Clients whose last ACK never comes: three quarters of a listener's SYN queue are half open."""
import signal
import socket

from segments import send_syn

import lab

HERE, PORT, BACKLOG, HALF_OPEN = "10.7.0.1", 8080, 64, 48


def web_server(tell):
    listener = socket.create_server((HERE, PORT), backlog=BACKLOG)
    tell("listening")
    signal.pause()
    listener.close()


class HalfOpen(lab.Scenario):
    name = "half_open"
    beside = {"syn_queue_overflow"}
    words = (f"{HERE}:{PORT}", str(HALF_OPEN))

    def fault(self, host):
        host.link("outside", HERE + "/24", "10.7.0.2/24")
        # Answers to a client that is not there are dropped, not refused.
        host.run("ip", "neigh", "add", "10.7.0.99", "lladdr", "02:00:00:00:00:01", "dev", "outside",
                 "nud", "permanent")
        host.spawn("web-server", web_server).hear()
        for i in range(HALF_OPEN):
            send_syn("10.7.0.99", 20000 + i, HERE, PORT)
        lab.wait_until(lambda: lab.count(lab.SYN_RECV) == HALF_OPEN, "the SYN queue fills")

    def check(self, report):
        finding = report.the("syn-recv-pile", ["warning"], f"{HERE}:{PORT}")
        assert finding["class"] == "syn_queue_overflow", finding["class"]
        lab.says(finding, HALF_OPEN)
