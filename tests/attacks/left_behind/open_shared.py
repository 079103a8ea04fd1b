# Paths from standard input: none of them may be opened, watched or locked.
import ctypes
import os
import sys
from probe import attempt, libc
def watch(path):
    fd = libc.inotify_init1(0)
    ctypes.set_errno(0)
    if libc.inotify_add_watch(fd, path.encode(), 0xFFF) < 0:
        raise OSError(ctypes.get_errno(), "")
for path in sys.stdin.read().split("\n"):
    if path:
        attempt(f"open {path}", os.open, path, os.O_RDONLY)
        attempt(f"watch {path}", watch, path)
