# The main thread ends by the bare system call while another goes on: the process is not over.
import os
import threading
import time
from probe import raw, ARM
def on():
    time.sleep(0.3)
    os.write(1, b"the other thread\n")
    os._exit(3)
threading.Thread(target=on).start()
raw(93 if ARM else 60, 0)  # exit, of this thread only
