# A daemon, twice forked, in a session of its own, keeps stdout open after the program has ended.
import os
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
os.wait()
print("the program is done")
