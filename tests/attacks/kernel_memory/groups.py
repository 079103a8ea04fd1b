# Groups of receivers, as many as the sockets may join.
import socket
import struct
import time
keep = []
for number in range(200):
    for family, level, name in ((socket.AF_INET, 0, 35), (socket.AF_INET6, 41, 20)):
        one = socket.socket(family, socket.SOCK_DGRAM)
        keep.append(one)
        for place in range(500):
            low = struct.pack(">H", place) + struct.pack(">H", number)
            value = b"\xef\x01"[:2] + low[1:2] + low[3:4] + b"\x7f\0\0\x01" if family == socket.AF_INET else b"\xff\x02" + bytes(10) + low + struct.pack("I", 1)
            try:
                one.setsockopt(level, name, value)
            except OSError:
                break
    if len(keep) > 200:
        break
print("held", flush=True)
time.sleep(2)
