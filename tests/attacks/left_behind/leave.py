# Leaves what it can: processes, sockets, queues, keys, locks, files. Shared memory and semaphores are `scratch.py`'s.
import ctypes
import fcntl
import os
import socket
import sys
import time
from probe import syscall, outcome
mark = sys.stdin.read() or "mark"
def left(what, act):
    print(f"{what}: {outcome(act)}", flush=True)
left("key", lambda: syscall("add_key", "user", mark, "x", 1, -4))
left("System V memory", lambda: syscall("shmget", 4711, 4096, 0o1666))
left("System V queue", lambda: syscall("msgget", 4711, 0o1666))
left("System V semaphore", lambda: syscall("semget", 4711, 1, 0o1666))
left("POSIX queue", lambda: syscall("mq_open", mark, 0o102, 0o666, 0))
left("queue by its file", lambda: open("/dev/mqueue/" + mark, "w"))
left("file", lambda: open("/tmp/" + mark, "w"))
left("file of the project", lambda: open("/sandbox/" + mark, "w"))
left("home", lambda: open(os.path.expanduser("~/." + mark), "w"))
def lock():
    fcntl.flock(os.open("/opt/sandbox/sandbox-init", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
left("lock on a file that all runs share", lock)
def lease():
    fcntl.fcntl(os.open("/etc/passwd", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK)
left("lease on a file that all runs share", lease)
