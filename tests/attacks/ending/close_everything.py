# Standard streams closed, then the program lives on.
import os
import time
os.write(1, b"last words\n")
for fd in (0, 1, 2):
    os.close(fd)
time.sleep(0.5)
os._exit(5)
