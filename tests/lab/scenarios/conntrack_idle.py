"""A stateful firewall that forgets: connections that were idle, or that are older than its table, are cut without a
word. The settings belong to the network namespace; here it is the host's own."""
import socket
import time

import lab

SERVER = ("127.0.0.1", 8080)
CLIENTS = 5
IDLE_S, ANSWER_S = 1.5, 0.5


def connect():
    client = socket.create_connection(SERVER)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.settimeout(ANSWER_S)
    return client


def is_answered(client):
    try:
        client.sendall(b"?")
        return bool(client.recv(1))
    except TimeoutError:
        return False


def busy_client(tell):
    client = connect()
    while is_answered(client):
        tell("answered")
        time.sleep(0.2)


class Forgets(lab.Scenario):
    machine = lab.OWN_KERNEL
    measured = f"connections cut of {CLIENTS}"
    setting, value = "", 0
    begins = ()

    def set_up(self, host):
        """This kernel has no nftables."""
        for accepted in (("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED"), self.begins):
            host.run("iptables-legacy", "-A", "INPUT", *accepted, "-j", "ACCEPT")
        host.run("iptables-legacy", "-P", "INPUT", "DROP")
        host.spawn("server", lab.server, SERVER).hear()
        host.spawn("busy-client", busy_client).hear()

    def fault(self, host):
        self.set_up(host)  # which loads the table and its settings
        host.sysctl(self.setting, self.value)

    def forget(self, host):
        raise NotImplementedError

    def measure(self, host):
        clients = [connect() for _ in range(CLIENTS)]
        assert all(map(is_answered, clients)), "no connection works"
        self.forget(host)
        cut = sum(not is_answered(client) for client in clients)
        for client in clients:
            client.close()
        return cut

    def check(self, report):
        for rule in self.proves:
            lab.says(report.the(rule, [self.proves[rule]]), self.value)

    def cure(self, host, report):
        """The firewall has forgotten the busy client, too."""
        host.spawn("busy-client", busy_client).hear()
        for rule in self.proves:
            host.apply(report.fix(rule, "sysctl", self.setting))

    def twin(self, host):
        """The same firewall and the same traffic, with the kernel's own setting."""
        self.set_up(host)


class ShortMemory(Forgets):
    """Only a SYN begins a connection, and one without traffic is forgotten after a second."""
    name = "conntrack_established_short"
    proves = {"conntrack-established-short": "warning"}
    setting, value = "net.netfilter.nf_conntrack_tcp_timeout_established", 1
    begins = ("-p", "tcp", "--syn")

    def forget(self, host):
        time.sleep(IDLE_S)


class NotLoose(Forgets):
    """What is not in the table is invalid, after a restart of the firewall as well."""
    name = "conntrack_loose_off"
    proves = {"conntrack-loose-off": "info"}
    setting, value = "net.netfilter.nf_conntrack_tcp_loose", 0
    begins = ("-m", "conntrack", "--ctstate", "NEW")

    def forget(self, host):
        host.run("conntrack", "--flush")
