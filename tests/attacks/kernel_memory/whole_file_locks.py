# flock, once for each descriptor that there may be, and the other things that come by the descriptor.
import fcntl
import os
import select
import time
def fill():
    keep = []
    poll = select.epoll()
    try:
        while True:
            fd = os.open("/etc/passwd", os.O_RDONLY)
            fcntl.flock(fd, fcntl.LOCK_SH)
            keep += [fd, os.eventfd(0), select.epoll()]
            poll.register(keep[-2])
    except OSError:
        return keep
for _ in range(40):
    if os.fork() == 0:
        keep = fill()
        time.sleep(4)
        os._exit(0)
time.sleep(2)
print("held", flush=True)
time.sleep(2)
