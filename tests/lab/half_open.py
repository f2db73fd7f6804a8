#!/usr/bin/env python3
"""Clients whose last ACK never comes: three quarters of a listener's SYN queue are half open."""
import os
import socket
import subprocess
import sys

import lab

sys.path.insert(0, os.path.join(lab.SOURCE, "tests", "collect"))
import namespace  # noqa: E402

PORT, BACKLOG, HALF_OPEN = 8080, 64, 48


def web_server(tell):
    listener = socket.create_server((namespace.HERE, PORT), backlog=BACKLOG)
    tell("listening")
    lab.signal.pause()
    listener.close()


class HalfOpen(lab.Scenario):
    name = "half_open"
    expected = {"syn_queue_overflow"}
    words = (f"{namespace.HERE}:{PORT}", str(HALF_OPEN))

    def fault(self, host):
        try:
            namespace.add_sink()
        except subprocess.CalledProcessError as error:
            raise lab.Skip(f"no link: {error}")
        host.spawn("web-server", web_server).hear()
        for i in range(HALF_OPEN):
            namespace.send_syn(namespace.SINK, 20000 + i, namespace.HERE, PORT)
        lab.wait_until(lambda: lab.count(lab.SYN_RECV) == HALF_OPEN, "the SYN queue fills")

    def check(self, report):
        finding = report.the("syn-recv-pile", ["warning"], f"{namespace.HERE}:{PORT}")
        assert finding["class"] == "syn_queue_overflow", finding["class"]
        lab.says(finding, HALF_OPEN)


if __name__ == "__main__":
    lab.main(HalfOpen())
