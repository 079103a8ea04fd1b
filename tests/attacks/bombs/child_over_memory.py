# A child is killed for memory; the parent sees it and ends well.
import os
import signal
pid = os.fork()
if pid == 0:
    keep = []
    while True:
        keep.append(bytearray(4 << 20))
_, status = os.waitpid(pid, 0)
print("the child got", signal.Signals(os.WTERMSIG(status)).name)
