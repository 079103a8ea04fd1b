# What is open besides the three standard streams.
import os
seen = []
for fd in range(3, 4096):
    try:
        seen.append((fd, os.readlink(f"/proc/self/fd/{fd}")))
    except OSError:
        pass
print(seen)
