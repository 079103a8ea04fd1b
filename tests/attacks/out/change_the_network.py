# An interface, an address, a route, a port below 1024, a raw option: none of it may be changed.
import fcntl
import os
import socket
import struct
from probe import attempt
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def ioctl(number, name=b"lo"):
    fcntl.ioctl(s, number, struct.pack("16s24x", name))
attempt("take an interface down", ioctl, 0x8914)
attempt("set an address", ioctl, 0x8916)
attempt("rename an interface", ioctl, 0x8923)
attempt("make a tun device", lambda: os.open("/dev/net/tun", os.O_RDWR))
attempt("SO_BINDTODEVICE", s.setsockopt, socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
attempt("SO_MARK", s.setsockopt, socket.SOL_SOCKET, 36, 1)
attempt("IP_TRANSPARENT", s.setsockopt, socket.SOL_IP, 19, 1)
attempt("SO_RCVBUFFORCE", s.setsockopt, socket.SOL_SOCKET, 33, 1 << 24)
attempt("iptables", s.setsockopt, socket.SOL_IP, 64, b"\0" * 84)
