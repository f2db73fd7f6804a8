"""Connection tracking without nft(8): one rule that looks at the state of what is sent, by netlink."""
import socket
import struct

NFNL_SUBSYS_NFTABLES = 10
BATCH_BEGIN, BATCH_END = 0x10, 0x11
NEWTABLE, NEWCHAIN, NEWRULE = 0, 3, 6
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_APPEND = 1, 4, 0x400, 0x800
NLMSG_ERROR = 2
NESTED = 0x8000
NETLINK_NETFILTER = 12
LOCAL_IN, LOCAL_OUT = 1, 3


def attribute(kind, data):
    if isinstance(data, str):
        data = data.encode() + b"\0"
    elif isinstance(data, int):
        data = struct.pack("!I", data)
    length = 4 + len(data)
    return struct.pack("=HH", length, kind) + data + b"\0" * (-length % 4)


def nested(kind, *attributes):
    return attribute(kind | NESTED, b"".join(attributes))


def message(kind, flags, number, resource, body=b""):
    family = socket.AF_INET if resource == 0 else socket.AF_UNSPEC
    body = struct.pack("=BBH", family, 0, socket.htons(resource)) + body
    return struct.pack("=IHHII", 16 + len(body), kind, flags, number, 0) + body


def command(kind, number, *attributes):
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | (NLM_F_APPEND if kind == NEWRULE else 0)
    return message(NFNL_SUBSYS_NFTABLES << 8 | kind, flags, number, 0, b"".join(attributes))


def chain(number, name, hook):
    return command(NEWCHAIN, number, attribute(1, "t"), attribute(3, name),
                   nested(4, attribute(1, hook), attribute(2, 0)), attribute(7, "filter"))


def rule(number, name):
    """ct state, put into a register: that it is asked for is what makes the kernel track."""
    ct = nested(2, attribute(1, 1), attribute(2, 0))
    return command(NEWRULE, number, attribute(1, "t"), attribute(2, name),
                   nested(4, nested(1, attribute(1, "ct"), ct)))


def track():
    """Begins to track connections in this network namespace; OSError where that is not to be had."""
    parts = [message(BATCH_BEGIN, NLM_F_REQUEST, 1, NFNL_SUBSYS_NFTABLES),
             command(NEWTABLE, 2, attribute(1, "t")),
             chain(3, "out", LOCAL_OUT), rule(4, "out"),
             chain(5, "in", LOCAL_IN), rule(6, "in"),
             message(BATCH_END, NLM_F_REQUEST, 7, NFNL_SUBSYS_NFTABLES)]
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as link:
        link.settimeout(5)
        link.send(b"".join(parts))
        left = {2, 3, 4, 5, 6}
        while left:
            data = link.recv(65536)
            while len(data) >= 20:
                length, kind, _, number, _, error = struct.unpack("=IHHIIi", data[:20])
                if kind == NLMSG_ERROR and error:
                    raise OSError(-error, f"nf_tables message {number}")
                left.discard(number)
                data = data[(length + 3) & ~3:]
