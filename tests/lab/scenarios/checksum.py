"""A switch written as a program copies frames from one virtual card to another. The cards leave the checksum of what
they send to the hardware, which is not there: every segment arrives with a wrong one."""
import select
import socket

import lab

HERE, FAR = "10.1.0.1", "10.1.0.2"
SERVER = (HERE, 8080)
CLIENTS = 10
PACKET_OUTGOING = 4  # linux/if_packet.h
ALL_PROTOCOLS = 0x0003


def switch(tell, *ports):
    sockets = []
    for port in ports:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
        raw.bind((port, ALL_PROTOCOLS))
        sockets.append(raw)
    tell("switching")
    while True:
        for raw in select.select(sockets, (), ())[0]:
            frame, origin = raw.recvfrom(65536)
            if origin[2] != PACKET_OUTGOING:
                sockets[raw is sockets[0]].send(frame)


class Checksum(lab.Scenario):
    name = "checksum_errors"
    proves = {"checksum-errors": "warning"}
    sample = "1s"
    measured = f"failed connects of {CLIENTS}"

    def join(self, host):
        middle = host.link("eth0", HERE + "/24", "10.9.0.1/32")
        self.far = middle.link("eth1", "10.9.0.2/32", FAR + "/24")
        middle.spawn("switch", switch, "eth0", "eth1").hear()
        host.spawn("server", lab.server, SERVER).hear()

    def fault(self, host):
        self.join(host)
        self.far.spawn("clients", lab.steadfast_clients, SERVER, CLIENTS)
        lab.wait_until(lambda: lab.counter("Tcp.InCsumErrors") >= CLIENTS, "SYNs arrive")

    def check(self, report):
        lab.says(report.the("checksum-errors", ["warning"]), (1, 10 * CLIENTS))

    def measure(self, host):
        return self.far.inside(lab.failed_connects, SERVER, CLIENTS)

    def cure(self, host, report):
        for end in (self.far, host):
            end.apply(report.fix("checksum-errors", "network", "ethtool"))

    def twin(self, host):
        """The same switch, between cards that compute the checksum."""
        self.join(host)
        for end in (self.far, host):
            end.run("ethtool", "-K", "eth0", "tx", "off")
        assert self.measure(host) == 0, "the switch does not switch"
        self.far.spawn("clients", lab.steadfast_clients, SERVER, CLIENTS)
