# Memory that belongs to no process, only to descriptors.
import os
files = []
while True:
    fd = os.memfd_create("bomb")
    for _ in range(8):
        os.write(fd, b"x" * (1 << 20))
    files.append(fd)
