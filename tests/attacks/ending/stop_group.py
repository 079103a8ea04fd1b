import os
import signal
for _ in range(5):
    if os.fork() == 0:
        break
os.killpg(os.getpgrp(), signal.SIGSTOP)
