# Locks on parts of files that can only be read: 100,000 of them, of which no cgroup counts the kernel's record.
import fcntl
import os
import struct
import time
names = [os.path.join(top, name) for top, _, files in os.walk("/usr/lib") for name in sorted(files)][:100]
keep = [os.open(name, os.O_RDONLY) for name in names if os.access(name, os.R_OK)]
begun, made = time.monotonic(), 0
for command in (fcntl.F_SETLK, 37):  # 37 is F_OFD_SETLK
    for fd in keep:
        for place in range(500):
            try:
                fcntl.fcntl(fd, command, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 4000 - 2 * place, 1, 0))
                made += 1
            except OSError:
                pass
        if time.monotonic() - begun > 4:
            break
print("held", flush=True)
time.sleep(2)
