# A child dies for memory, and the program then kills itself: not to be told as its own memory limit lightly.
import os
import sys
pid = os.fork()
if pid == 0:
    keep = []
    while True:
        keep.append(bytearray(4 << 20))
os.waitpid(pid, 0)
sys.exit(137)
