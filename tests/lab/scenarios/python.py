"""Python that leaves connections in CLOSE_WAIT: a web server whose threads wait for another server without a time-out,
so that they don't see their visitors go, and a client that keeps the answers that are errors and never closes them."""
import os
import resource
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import lab

HERE, THERE = "10.8.0.1", "10.8.0.2"
COUNT = 120
DESCRIPTORS = {resource.RLIMIT_NOFILE: (1024, 1024)}
SHOP_PY = os.path.join(os.path.dirname(__file__), "..", "programs", "shop.py")
SHOP, STOCK, PRICES = (HERE, 8080), (THERE, 8081), (THERE, 8082)
PATIENCE_S = 0.5


def stuck_stock(tell):
    listener = socket.create_server(STOCK, backlog=4 * COUNT)
    tell("listening")
    signal.pause()
    listener.close()


def visitors(tell, patience_s, leave):
    """Each waits for an answer for so long; tells how many had none. The impatient leave then."""
    connections = [socket.create_connection(SHOP) for _ in range(COUNT)]
    for connection in connections:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    end = time.monotonic() + patience_s
    unanswered = 0
    for connection in connections:
        connection.settimeout(max(0.001, end - time.monotonic()))
        try:
            unanswered += not connection.recv(1)
        except TimeoutError:
            unanswered += 1
    if leave:
        for connection in connections:
            connection.close()
    tell(unanswered)
    signal.pause()


class PythonServer(lab.Scenario):
    name = "python_blocked"
    proves = {"close-wait-leak": "warning"}
    owner = ("python3",)
    words = ("python3", "py-spy dump --pid")
    measured = f"visitors of {COUNT} without an answer"

    def serve(self, host, *patience_s):
        self.shop = host.start(sys.executable, SHOP_PY, *map(str, SHOP + STOCK + patience_s), port=SHOP[1])

    def visit(self, patience_s=1, leave=True):
        self.unanswered = self.outside.spawn("visitors", visitors, patience_s, leave).hear()

    def start(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        self.outside.spawn("stock", stuck_stock).hear()
        host.limits.update(DESCRIPTORS)
        self.serve(host)

    def fault(self, host):
        self.start(host)
        self.visit()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the visitors leave")

    def check(self, report):
        finding = report.the("close-wait-leak", ["warning"], "python3", self.shop.pid)
        lab.says(finding, COUNT, 1024)
        assert f"{COUNT} connections of its own to 10.8.0.2:8081" in finding["diagnosis"], finding["diagnosis"]

    def measure(self, host):
        return self.unanswered

    def cure(self, host, report):
        report.fix("close-wait-leak", "application", "Find what keeps python3 from reading",
                   "Give every outgoing call a time-out")
        self.shop.end()
        self.serve(host, PATIENCE_S)
        self.visit(10)

    def twin(self, host):
        """As many visitors, and they are still there."""
        self.start(host)
        self.visit(0.5, False)
        assert lab.count(lab.ESTABLISHED) == 2 * COUNT, "not all of them wait"


CLIENT = """
import sys, time, urllib.error, urllib.request
errors = []
for _ in range(int(sys.argv[1])):
    try:
        errors.append(urllib.request.urlopen("http://10.8.0.2:8082/"))
    except urllib.error.HTTPError as error:
%s
time.sleep(3600)
"""
KEEPS = CLIENT % "        errors.append(error)"
CLOSES = CLIENT % "        with error:\n            errors.append(error.code)"


def prices(tell, status):
    """Its errors are short, and it closes a moment after each; its prices never end."""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            if status == 200:
                threading.Event().wait()
            time.sleep(0.005)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(PRICES, Handler)
    tell("listening")
    server.serve_forever()


class PythonClient(lab.Scenario):
    name = "python_unclosed"
    proves = {"close-wait-client-pool": "warning"}
    owner = ("python3", "10.8.0.2:8082")
    words = ("python3", "10.8.0.2:8082", "urlopen(...)")
    measured = "descriptors of the client"

    def start(self, host, status):
        host.link("outside", HERE + "/24", THERE + "/24").spawn("prices", prices, status).hear()
        host.limits.update(DESCRIPTORS)

    def fault(self, host):
        self.start(host, 503)
        self.client = host.start(sys.executable, "-c", KEEPS, str(COUNT))
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the server closes")

    def check(self, report):
        finding = report.the("close-wait-client-pool", ["warning"], "python3", self.client.pid)
        lab.says(finding, COUNT, 1024)

    def measure(self, host):
        return len(os.listdir(f"/proc/{self.client.pid}/fd"))

    def cure(self, host, report):
        report.fix("close-wait-client-pool", "application", "Consume or close the response on every path")
        self.client.end()
        opened = lab.counter("Tcp.ActiveOpens")
        self.client = host.start(sys.executable, "-c", CLOSES, str(COUNT))
        lab.wait_until(lambda: lab.counter("Tcp.ActiveOpens") >= opened + COUNT and not lab.count(
            lab.ESTABLISHED, lab.CLOSE_WAIT, lab.LAST_ACK), "the answers are closed")

    def twin(self, host):
        """As many answers, which have not ended."""
        self.start(host, 200)
        self.client = host.start(sys.executable, "-c", KEEPS, str(COUNT))
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == COUNT, "the answers begin")
