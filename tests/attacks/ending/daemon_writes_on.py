# The same, and it goes on writing.
import os
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            os.write(1, b"still here\n")
            time.sleep(0.001)
    os._exit(0)
os.wait()
time.sleep(0.2)
os._exit(7)
