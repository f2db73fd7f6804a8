"""Two uplinks: clients come in by the second, the way back to them is the first. The reverse path filter, strict,
drops what they send."""

import lab

FIRST, SECOND, FAR = "10.1.0.1", "10.4.0.1", "10.2.0.2"
SERVER = (SECOND, 8080)
CLIENTS = 30


class ReversePath(lab.Scenario):
    name = "reverse_path_drops"
    proves = {"reverse-path-drops": "warning"}
    sample = "1s"
    measured = f"failed connects of {CLIENTS}"

    def join(self, host, filter_mode):
        router = host.link("eth0", FIRST + "/24", "10.1.0.254/24")
        host.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1", "netns", str(router.keeper.pid))
        for end, address in ((host, SECOND + "/24"), (router, "10.4.0.254/24")):
            end.run("ip", "address", "add", address, "dev", "eth1")
            end.run("ip", "link", "set", "eth1", "up")
        self.far = router.link("lan", "10.2.0.254/24", FAR + "/24")
        self.far.run("ip", "route", "add", "default", "via", "10.2.0.254")
        host.run("ip", "route", "add", "10.2.0.0/24", "via", "10.1.0.254")
        router.sysctl("net.ipv4.ip_forward", 1)
        host.sysctl("net.ipv4.conf.all.rp_filter", 0)
        host.sysctl("net.ipv4.conf.eth1.rp_filter", filter_mode)
        host.spawn("server", lab.server, SERVER).hear()
        self.far.spawn("clients", lab.steadfast_clients, SERVER, CLIENTS)

    def fault(self, host):
        self.join(host, 1)
        lab.wait_until(lambda: lab.counter("TcpExt.IPReversePathFilter") >= CLIENTS, "SYNs arrive")

    def check(self, report):
        lab.says(report.the("reverse-path-drops", ["warning"]), (10, 10 * CLIENTS))

    def measure(self, host):
        return self.far.inside(lab.failed_connects, SERVER, CLIENTS)

    def cure(self, host, report):
        host.apply(report.fix("reverse-path-drops", "service", "eth1"))

    def twin(self, host):
        """The same two ways, with a filter that asks only for some way back."""
        self.join(host, 2)
        assert self.measure(host) == 0, "the clients are not served"
