#!/usr/bin/env python3
"""A client that opens a connection a request: 90 % of the ephemeral ports of one destination
are in TIME_WAIT."""
import socket
import time

import lab

LOW, HIGH = 40000, 40199
USABLE = HIGH - LOW + 1
USED = USABLE * 9 // 10
DATABASE = ("10.99.0.1", 5432)  # not 127.0.0.0/8, whose TIME_WAIT ports tcp_tw_reuse=2 reuses


def database(tell):
    listener = socket.create_server(DATABASE, backlog=USABLE)
    tell("listening")
    while True:
        connection, _ = listener.accept()
        connection.recv(1)  # the client closes first, hence its side gets the TIME_WAIT
        connection.close()


def client_without_pool(tell):
    """Opens what is missing all at once, then closes it: every connection has its own port.
    Again for the few whose TIME_WAIT a late RST ends (RFC 1337), and for all when the 60 s
    are over, so that the fault can be held."""
    standing = 0
    while True:
        gone = lab.count(lab.FIN_WAIT1, lab.FIN_WAIT2, lab.TIME_WAIT)
        opened = [socket.create_connection(DATABASE) for _ in range(USED - gone)]
        for connection in opened:
            connection.close()
        standing = standing + 1 if lab.count(lab.TIME_WAIT) == USED else 0
        if standing == 3:
            tell("used up")
        time.sleep(0.1)


class PortExhaustion(lab.Scenario):
    name = "port_exhaustion"
    expected = {"ephemeral_port_exhaustion"}
    words = ("10.99.0.1:5432", str(USED), str(USABLE))

    def fault(self, host):
        host.address("10.99.0.1/32")
        host.sysctl("net.ipv4.ip_local_port_range", f"{LOW} {HIGH}")
        host.spawn("database", database).hear()
        host.spawn("client", client_without_pool).hear()

    def check(self, report):
        finding = report.the("ephemeral-port-exhaustion", ["critical"], "10.99.0.1:5432")
        assert finding["class"] == "ephemeral_port_exhaustion", finding["class"]
        assert finding["scope"]["kind"] == "destination", finding["scope"]
        lab.says(finding, USED, USABLE)


if __name__ == "__main__":
    lab.main(PortExhaustion())
