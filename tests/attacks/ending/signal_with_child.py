# The first process ends by a signal while its child, in a session of its own, sleeps with stdout open.
import os
import signal
import time
if os.fork() == 0:
    os.setsid()
    time.sleep(3600)
os.kill(os.getpid(), signal.SIGTERM)
