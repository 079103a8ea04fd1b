# Every family there is, of every type: only the three that loopback programs need may be had.
import socket
from probe import outcome, raw, ARM
SOCKET = 198 if ARM else 41
STREAM, DGRAM, RAW, RDM, SEQPACKET, PACKET = 1, 2, 3, 4, 5, 10
NAMES = {1: "UNIX", 2: "INET", 10: "INET6", 16: "NETLINK", 17: "PACKET", 38: "ALG", 40: "VSOCK", 44: "XDP", 31: "BLUETOOTH",
         21: "RDS", 30: "TIPC", 29: "CAN", 15: "KEY", 9: "X25", 5: "APPLETALK", 41: "KCM", 42: "QIPCRTR", 43: "SMC", 26: "LLC",
         19: "ECONET", 8: "ATMPVC", 24: "PPPOX"}
had = []
for family in range(0, 64):
    for kind in (STREAM, DGRAM, RAW, RDM, SEQPACKET, PACKET):
        for protocol in (0, 1, 6, 17, 58, 255):
            if outcome(raw, SOCKET, family, kind, protocol) == "DONE":
                had.append((family, kind))
allowed = {(1, STREAM), (1, DGRAM), (1, SEQPACKET), (1, RAW), (2, STREAM), (2, DGRAM), (10, STREAM), (10, DGRAM)}
route = {(16, RAW), (16, DGRAM)}
extra = sorted(set(had) - allowed - route)
print("more than UNIX, INET, INET6 and the route family:", [(NAMES.get(f, f), k) for f, k in extra])
for name, family, kind, protocol in (("PACKET", 17, RAW, 0x300), ("PACKET dgram", 17, DGRAM, 0x300), ("INET raw ICMP", 2, RAW, 1),
        ("INET raw", 2, RAW, 255), ("INET6 raw", 10, RAW, 58), ("ALG", 38, SEQPACKET, 0), ("VSOCK", 40, STREAM, 0), ("XDP", 44, RAW, 0),
        ("NETLINK audit", 16, RAW, 9), ("NETLINK netfilter", 16, RAW, 12), ("NETLINK uevent", 16, DGRAM, 15),
        ("NETLINK crypto", 16, RAW, 21), ("NETLINK xfrm", 16, RAW, 6), ("NETLINK generic", 16, RAW, 16), ("KEY", 15, RAW, 2)):
    result = outcome(raw, SOCKET, family, kind, protocol)
    print(f"{name}: {'DONE' if result == 'DONE' else 'refused'}")
