"""A proxy that half-closes its connections and keeps them: FIN_WAIT_2 that a process holds, which
tcp_fin_timeout does not end. The other side, which never closes, has them in CLOSE_WAIT."""
import signal
import socket

import lab

HELD = 150
PEER = ("10.99.0.1", 9000)


def peer(tell):
    lab.allow_files(4096)
    listener = socket.create_server(PEER, backlog=HELD)
    tell("listening")
    kept = [listener.accept()[0] for _ in range(HELD)]
    tell(len(kept))
    signal.pause()


def half_closer(tell):
    lab.allow_files(1024)
    kept = [socket.create_connection(PEER) for _ in range(HELD)]
    for connection in kept:
        connection.shutdown(socket.SHUT_WR)
    tell(len(kept))
    signal.pause()


class FinWait2(lab.Scenario):
    name = "fin_wait2"
    beside = {"fin_wait2_pileup", "close_wait_leak"}
    words = ("half-closer", str(HELD))

    def fault(self, host):
        host.address("10.99.0.1/32")
        other = host.spawn("peer", peer)
        other.hear()
        self.closer = host.spawn("half-closer", half_closer)
        self.closer.hear()
        other.hear()
        lab.wait_until(lambda: lab.count(lab.FIN_WAIT2) == HELD, "FIN_WAIT_2 stand")

    def check(self, report):
        finding = report.the("fin-wait-2-held", ["warning"], "half-closer", self.closer.pid)
        assert finding["class"] == "fin_wait2_pileup", finding["class"]
        lab.says(finding, HELD)
