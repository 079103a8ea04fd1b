# Signals with forged senders and values, queued to init in great number.
import ctypes
from probe import libc, outcome, raw, ARM
SIGCHLD = 17
info = (ctypes.c_int * 32)()
info[0], info[1], info[2] = SIGCHLD, 0, -1  # as if sent by sigqueue
number = 138 if ARM else 129  # rt_sigqueueinfo
results = {outcome(raw, number, 1, SIGCHLD, info) for _ in range(5000)}
info[2] = 1  # as if a child had ended: the kernel's own word
forged = {outcome(raw, number, 1, SIGCHLD, info) for _ in range(10)}
print("forged:", sorted(forged))
