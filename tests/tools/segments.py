"""TCP segments made by hand, for a peer that does not do as it should."""
import socket
import struct

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tcp_segment(source, source_port, target, port, flags, number=1, acknowledged=0, window=1024, data=b"",
                spoilt=False):
    """Header and data (of an even length); spoilt: with a wrong checksum."""
    segment = struct.pack("!HHIIBBHHH", source_port, port, number & 0xffffffff, acknowledged & 0xffffffff,
                          5 << 4, flags, window, 0, 0) + data
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) \
        + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(segment))
    right = checksum(pseudo + segment)
    return segment[:16] + struct.pack("!H", right ^ 0x5555 if spoilt else right) + segment[18:]


def send_segment(source, source_port, target, port, flags, **how):
    """One IPv4 packet with such a segment; as root. The sender need not own the source."""
    segment = tcp_segment(source, source_port, target, port, flags, **how)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, socket.IPPROTO_TCP, 0,
                     socket.inet_aton(source), socket.inet_aton(target))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(ip + segment, (target, 0))


def send_syn(source, source_port, target, port):
    """One SYN of a client that will never answer."""
    send_segment(source, source_port, target, port, SYN)
