# Writes to whatever is open, reads from it, closes it.
import os
import fcntl
for fd in range(3, 4096):
    for act in (lambda: os.write(fd, b"\x02\0\0\0{}\n" * 10),
                lambda: (fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK), os.read(fd, 4096)),
                lambda: os.close(fd)):
        try:
            act()
        except OSError:
            pass
os.write(1, b"written to all there is\n")
os._exit(34)
