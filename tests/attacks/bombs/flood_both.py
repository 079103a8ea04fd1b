import os
import threading
def flood(fd):
    while True:
        os.write(fd, b"both " * 8192)
threading.Thread(target=flood, args=(2,), daemon=True).start()
flood(1)
