"""A router between two hosts that lets through only the connections that it knows, and forgets them early."""

PASS_KNOWN = """
table ip lab {
	chain forward {
		type filter hook forward priority 0
		ct state established accept
		tcp flags & (fin | syn | rst | ack) == syn accept
		%s
	}
}
"""


class Firewall:
    """Joins host (10.8.1.1) and self.far (10.8.2.2). timeouts: {"established": 2, ...}, in seconds, as in
    net.netfilter.nf_conntrack_tcp_timeout_*."""

    def __init__(self, host, **timeouts):
        self.router = host.link("router", "10.8.1.1/24", "10.8.1.2/24")
        self.far = self.router.link("far", "10.8.2.1/24", "10.8.2.2/24")
        host.run("ip", "route", "add", "10.8.2.0/24", "via", "10.8.1.2")
        self.far.run("ip", "route", "add", "default", "via", "10.8.2.1")
        self.router.sysctl("net.ipv4.ip_forward", 1)
        self.treat_unknown("drop")
        self.router.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
        for state, seconds in timeouts.items():
            self.router.sysctl(f"net.netfilter.nf_conntrack_tcp_timeout_{state}", seconds)

    def treat_unknown(self, verdict):
        """What becomes of the others: "drop", or "reject with tcp reset"."""
        self.router.run("sh", "-ec", "nft add table ip lab; nft delete table ip lab; nft -f - <<'END'"
                        + PASS_KNOWN % verdict + "END")

    def knows(self):
        """The connections that it knows."""
        return len(self.router.run("conntrack", "-L").splitlines())
