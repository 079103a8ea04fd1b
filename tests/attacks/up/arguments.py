# Calls that are allowed, with arguments that are not; once more with something in the half of a register that the
# kernel does not read.
import ctypes
import os
import socket
from probe import ARM, attempt, raw
PRCTL, SETSOCKOPT, FCNTL, IOCTL = (167, 208, 25, 29) if ARM else (157, 54, 72, 16)
MMAP, MADVISE, SENDTO, PREADV2 = (222, 233, 206, 286) if ARM else (9, 28, 44, 327)
JUNK = 1 << 40
buffer = ctypes.create_string_buffer(4096)
passwd = os.open("/etc/passwd", os.O_RDONLY)
udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
tcp6 = socket.socket(socket.AF_INET6)
a, b = socket.socketpair()
for name, option in (("SET_SECCOMP", 22), ("SET_MM", 35), ("SET_SPECULATION_CTRL", 53), ("SET_SYSCALL_USER_DISPATCH", 59),
                     ("SCHED_CORE", 62), ("SET_MEMORY_MERGE", 67), ("SET_PTRACER", 0x59616D61), ("MCE_KILL", 33), ("SET_SECUREBITS", 28)):
    for junk in (0, JUNK):
        attempt(f"prctl {name}", raw, PRCTL, option | junk, 2, buffer, 0, 0)
for name, one, level, option in (
    ("SO_ATTACH_FILTER", udp, 1, 26), ("SO_ATTACH_BPF", udp, 1, 50), ("SO_ATTACH_REUSEPORT_CBPF", udp, 1, 51), ("SO_ATTACH_REUSEPORT_EBPF", udp, 1, 52),
    ("SO_LOCK_FILTER", udp, 1, 44), ("SO_BUSY_POLL", udp, 1, 46), ("SO_ZEROCOPY", tcp, 1, 60), ("SO_TXTIME", udp, 1, 61), ("SO_MARK", udp, 1, 36),
    ("TCP_ULP", tcp, 6, 31), ("TCP_CONGESTION", tcp, 6, 13), ("TCP_MD5SIG", tcp, 6, 14), ("TCP_REPAIR", tcp, 6, 19), ("UDP_ENCAP", udp, 17, 100),
    ("IP_OPTIONS", udp, 0, 4), ("IP_MSFILTER", udp, 0, 41), ("IPT_SO_SET_REPLACE", udp, 0, 64), ("IP_ADD_MEMBERSHIP", udp, 0, 35),
    ("IPV6_ADDRFORM", tcp6, 41, 1), ("IPV6_FLOWLABEL_MGR", tcp6, 41, 32), ("IPV6_DSTOPTS", tcp6, 41, 59), ("IPV6_ADD_MEMBERSHIP", tcp6, 41, 20)):
    for junk in (0, JUNK):
        attempt(f"setsockopt {name}", raw, SETSOCKOPT, one.fileno(), level | junk, option | junk, buffer, 16)
for name, command in (("F_SETLEASE", 1024), ("F_NOTIFY", 1026), ("F_ADD_SEALS", 1033), ("F_SET_RW_HINT", 1036)):
    for junk in (0, JUNK):
        attempt(f"fcntl {name}", raw, FCNTL, passwd, command | junk, 0)
for name, fd, request in (("TIOCSTI", 0, 0x5412), ("TIOCLINUX", 0, 0x541C), ("TIOCSETD", 0, 0x5423), ("TIOCCONS", 0, 0x541D), ("FS_IOC_GETFLAGS", passwd, 0x80086601),
                          ("FIEMAP", passwd, 0xC020660B), ("SIOCSIFFLAGS", tcp.fileno(), 0x8914), ("SIOCETHTOOL", tcp.fileno(), 0x8946), ("unknown", passwd, 0x12345678)):
    for junk in (0, JUNK):
        attempt(f"ioctl {name}", raw, IOCTL, fd, request | junk, buffer)
attempt("mmap MAP_HUGETLB", raw, MMAP, 0, 2 << 20, 3, 0x40022, -1, 0)
for junk in (0, JUNK):
    attempt("madvise MADV_MERGEABLE", raw, MADVISE, ctypes.c_void_p(ctypes.addressof(buffer) & ~4095), 4096, 12 | junk)
attempt("sendto MSG_OOB", raw, SENDTO, a.fileno(), b"x", 1, 1, 0, 0)
attempt("recv MSG_OOB", b.recv, 1, socket.MSG_OOB)
attempt("sendmsg MSG_OOB", a.sendmsg, [b"x"], [], socket.MSG_OOB)
attempt("preadv2 RWF_NOWAIT", lambda: os.preadv(passwd, [bytearray(8)], 0, os.RWF_NOWAIT))
attempt("mincore", raw, 232 if ARM else 27, ctypes.c_void_p(ctypes.addressof(buffer) & ~4095), 4096, buffer)
attempt("pkey_alloc", raw, 289 if ARM else 330, 0, 0)
