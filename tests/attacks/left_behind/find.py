# Looks for all that the runs before it tried to leave.
import os
import socket
from probe import syscall, outcome
def found(what, act):
    print(f"{what}: {outcome(act)}", flush=True)
found("abstract socket", lambda: socket.socket(socket.AF_UNIX).connect("\0left-behind"))
found("port", lambda: socket.create_connection(("127.0.0.1", 7777), 1))
found("memory", lambda: syscall("shmget", 4711, 4096, 0))
found("queue", lambda: syscall("msgget", 4711, 0))
found("semaphore", lambda: syscall("semget", 4711, 1, 0))
found("posix queue", lambda: syscall("mq_open", "mark", 0, 0, 0))
found("key", lambda: syscall("request_key", "user", "mark", 0, -4))
found("shared memory", lambda: os.stat("/dev/shm/mark"))
found("queue file", lambda: os.stat("/dev/mqueue/mark"))
found("tmp", lambda: os.stat("/tmp/mark"))
found("home", lambda: os.stat(os.path.expanduser("~/.mark")))
