"""Node that leaves connections in CLOSE_WAIT: a server with allowHalfOpen that never ends its half, and a client that
does not read the bodies of answers that it has no use for."""
import os
import resource
import signal
import socket

import lab

HERE, THERE = "10.8.0.1", "10.8.0.2"
COUNT = 120
DESCRIPTORS = {resource.RLIMIT_NOFILE: (1024, 1024)}
MORE_DESCRIPTORS = {resource.RLIMIT_NOFILE: (4096, 4096)}
ANSWER_S = 30

ECHO = """
require('net').createServer({ allowHalfOpen: true }, connection => {
    connection.on('data', line => connection.write(line));
    connection.on('end', () => { %s });
}).listen(9000, '10.8.0.1');
"""
FORGETS = ECHO % ""
ENDS = ECHO % "connection.end();"
ENDS_LATER = ECHO % f"setTimeout(() => connection.end('sum\\n'), {ANSWER_S}000);"

# Error pages that are long, as those of frameworks are; the server closes what it has not been asked on for a while.
ERRORS = """
const page = 'x'.repeat(90000);
const server = require('http').createServer((request, response) => {
    response.writeHead(503, { 'Content-Length': page.length });
    response.end(page);
});
server.keepAliveTimeout = %d;
server.listen(9001, '10.8.0.2');
"""
CLOSING = ERRORS % 100
KEEPING = ERRORS % 600000
CLIENT = """
const http = require('http');
const agent = new http.Agent({ keepAlive: true });
for (let i = 0; i < %d; i++)
    http.get({ host: '10.8.0.2', port: 9001, agent }, response => {
        if (response.statusCode !== 200) {
            %%s
            return;
        }
        response.on('data', chunk => console.log(chunk));
    });
setInterval(() => {}, 1000);
""" % COUNT
IGNORES = CLIENT % ""
RESUMES = CLIENT % "response.resume();"


def descriptors(program):
    return len(os.listdir(f"/proc/{program.pid}/fd"))


def visitors(tell, leave):
    """Each says a line and hears it again; then it leaves, or has no more to say and waits for the end."""
    connections = [socket.create_connection((HERE, 9000)) for _ in range(COUNT)]
    for connection in connections:
        connection.sendall(b"1\n")
        assert connection.recv(2) == b"1\n"
        if leave:
            connection.close()
        else:
            connection.shutdown(socket.SHUT_WR)
    tell("done")
    signal.pause()


class NodeServer(lab.Scenario):
    name = "node_half_open"
    proves = {"close-wait-leak": "warning"}
    owner = ("node",)
    words = ("node", "allowHalfOpen")
    measured = "descriptors of the server"

    def serve(self, host, text):
        self.node = host.start("node", "-e", text, port=9000)

    def visit(self):
        self.outside.spawn("visitors", visitors, True).hear()

    def fault(self, host):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        host.limits.update(DESCRIPTORS)
        self.serve(host, FORGETS)
        self.visit()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the visitors' ends arrive")

    def check(self, report):
        finding = report.the("close-wait-leak", ["warning"], "node", self.node.pid)
        lab.says(finding, COUNT, 1024)

    def measure(self, host):
        return descriptors(self.node)

    def cure(self, host, report):
        report.fix("close-wait-leak", "application", "Node.js", "until end() is called")
        self.node.end()
        self.serve(host, ENDS)
        self.visit()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT, lab.LAST_ACK) == 0, "the server ends its half")

    def twin(self, host):
        """What allowHalfOpen is for: the end of a request is the end of its stream, and the answer takes a while."""
        outside = host.link("outside", HERE + "/24", THERE + "/24")
        host.limits.update(MORE_DESCRIPTORS)
        self.serve(host, ENDS_LATER)
        outside.spawn("visitors", visitors, False).hear()
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the visitors' ends arrive")


class NodeClient(lab.Scenario):
    name = "node_unread_answers"
    proves = {"close-wait-client-pool": "warning"}
    owner = ("node", f"{THERE}:9001")
    words = ("node", f"{THERE}:9001", "response.resume()")
    measured = "descriptors of the client"

    def start(self, host, server):
        self.outside = host.link("outside", HERE + "/24", THERE + "/24")
        self.outside.start("node", "-e", server, port=9001)
        host.limits.update(DESCRIPTORS)

    def fault(self, host):
        self.start(host, CLOSING)
        self.node = host.start("node", "-e", IGNORES)
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == COUNT, "the server closes")

    def check(self, report):
        finding = report.the("close-wait-client-pool", ["warning"], "node", self.node.pid)
        lab.says(finding, COUNT, 1024)

    def measure(self, host):
        return descriptors(self.node)

    def cure(self, host, report):
        report.fix("close-wait-client-pool", "application", "Node.js", "response.resume()")
        self.node.end()
        opened = lab.counter("Tcp.ActiveOpens")
        self.node = host.start("node", "-e", RESUMES)
        lab.wait_until(lambda: lab.counter("Tcp.ActiveOpens") >= opened + COUNT and not lab.count(
            lab.SYN_SENT, lab.ESTABLISHED, lab.CLOSE_WAIT, lab.LAST_ACK), "the answers are read")

    def twin(self, host):
        """As many connections that wait in the pool for the next request, open at both ends."""
        self.start(host, KEEPING)
        self.node = host.start("node", "-e", RESUMES)
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == COUNT, "the pool is full")
