# Pseudo-terminals, with whatever their buffers hold: each is some 60 KB of the kernel's, and a host has 4096.
import fcntl
import os
import struct
import time

UNLOCK, NUMBER = 0x40045431, 0x80045430


def fill(descriptor):
    os.set_blocking(descriptor, False)
    try:
        while True:
            os.write(descriptor, b"x" * 4096)
    except BlockingIOError:
        pass


for child in range(4):
    if os.fork() == 0:
        break
keep = []
try:
    while True:
        master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(master, UNLOCK, struct.pack("i", 0))
        number = struct.unpack("i", fcntl.ioctl(master, NUMBER, bytes(4)))[0]
        slave = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY)
        fill(slave)
        fill(master)
        keep.append((master, slave))
except OSError:
    pass
time.sleep(6)
