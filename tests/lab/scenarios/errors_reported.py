"""What programs print when a descriptor or a connection fails them: nothing but that is given to the audit, as a
person would paste it."""
import os
import resource
import socket
import subprocess
import threading
import time

import lab
from lab.firewall import Firewall
from lab.wire import silent


def typed(*argv):
    """What a terminal shows of a command; it may fail."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=30, check=False)
    return f"root@lab:~# {' '.join(argv)}\n{done.stdout.decode()}"


class Typed(lab.Paste):
    """Beside what a program has printed, what is known anyway."""
    commands = ("sysctl net.ipv4.tcp_keepalive_time",)
    printed = ""

    def log(self):
        return self.printed


NGINX = "server { listen 127.0.0.1:8081; location / { %s } }"


# ---- connections ----

SERVER = ("10.8.2.2", 8080)
FORGETS_S, ASKS_AGAIN_S = 2, 3
ASKED = 2
CLIENT = """
const client = require('net').connect(%d, '%s', () => {
	%s
	client.write('hello');
	setTimeout(() => client.write('hello again'), %d);
});
let answers = 0;
client.on('data', data => {
	console.log(String(data).trim());
	if (++answers == %d)
		client.end();
});
client.on('error', error => console.error(error));
"""


def echo_server(tell):
    listener = socket.create_server(SERVER)
    tell("listening")
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def answer(connection):
    with connection:
        while connection.recv(4096):
            connection.sendall(b"served\n")


def slow_server(tell):
    listener = socket.create_server(("127.0.0.1", 8082))
    tell("listening")
    while True:
        connection, _ = listener.accept()
        time.sleep(2)
        connection.close()


class LostConnection(Typed):
    """A client, in Node, asks again on a connection that a firewall has forgotten."""
    name = "connection_lost_reported"
    proves = {"connection-lost-reported": "warning"}
    words = ("lost an established connection", "read ETIMEDOUT")
    twin_beside = {"not_kernel_tunable"}  # the answer that nginx did not wait for
    measured = f"requests without an answer, of {ASKED}"

    def _ask(self, host, option=""):
        script = os.path.join(host.directory, "client.js")
        with open(script, "w", encoding="utf-8") as file:
            file.write(CLIENT % (SERVER[1], SERVER[0], option, ASKS_AGAIN_S * 1000, ASKED))
        self.printed = typed("node", script)

    def fault(self, host):
        Firewall(host, established=FORGETS_S).far.spawn("echo-server", echo_server).hear()
        host.sysctl("net.ipv4.tcp_retries2", 2)  # a second or two, instead of a quarter of an hour
        self._ask(host)

    def measure(self, host):
        return ASKED - self.printed.count("served")

    def cure(self, host, report):
        report.fix("connection-lost-reported", "application", "SO_KEEPALIVE with TCP_KEEPIDLE below the idle time-out")
        self._ask(host, "client.setKeepAlive(true, 1000);")

    def twin(self, host):
        """nginx words its own time-out as if the connection were lost; the back end is slow."""
        host.spawn("slow-server", slow_server).hear()
        _, log = lab.start_nginx(host, 8081, NGINX % "proxy_pass http://127.0.0.1:8082; proxy_read_timeout 1s;")
        typed("curl", "-sS", "http://127.0.0.1:8081/")
        self.printed = typed("cat", log)
        assert "upstream timed out (110: Connection timed out)" in self.printed, self.printed


# ---- descriptors ----

LIMIT, CLIENTS, PATIENCE_S = 40, 60, 2


class NofileReported(Typed):
    """nginx, with fewer descriptors than clients. In a kernel of its own, where root may raise any limit and the
    twin can have none of inotify."""
    name = "nofile_reported"
    machine = lab.OWN_KERNEL
    proves = {"nofile-reported": "critical"}
    owner = ("nginx",)
    words = ("nginx has no file descriptor left (EMFILE)",)
    twin_beside = {"not_kernel_tunable"}  # the limit that it is
    measured = f"clients that are not served, of {CLIENTS}"

    def _serve(self, host):
        self.nginx, self.error_log = lab.start_nginx(host, 8081, NGINX % "return 200 served;")
        asking = [socket.create_connection(("127.0.0.1", 8081)) for _ in range(CLIENTS)]
        for client in asking:
            client.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        self.not_served = silent(asking, PATIENCE_S)
        while asking:
            asking.pop().close()
        self.printed = typed("cat", self.error_log)

    def fault(self, host):
        host.limits[resource.RLIMIT_NOFILE] = (LIMIT, LIMIT)
        self._serve(host)

    def measure(self, host):
        return self.not_served

    def cure(self, host, report):
        self.nginx.end()
        os.unlink(self.error_log)
        host.apply(report.fix("nofile-reported", "limit", "limits.conf"), "limits.conf")
        self._serve(host)

    def twin(self, host):
        """The same words of another limit, of which RLIMIT_NOFILE knows nothing."""
        host.sysctl("fs.inotify.max_user_instances", 0)
        log = os.path.join(host.directory, "app.log")
        with open(log, "w", encoding="utf-8"):
            pass
        self.printed = typed("timeout", "1", "tail", "-f", log)
        assert "Too many open files" in self.printed, self.printed
