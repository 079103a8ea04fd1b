# No child is large; all together are.
import os
import time
for _ in range(20):
    if os.fork() == 0:
        keep = bytearray(b"x") * (16 << 20)
        time.sleep(60)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
