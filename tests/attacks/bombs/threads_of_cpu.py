# All processes there can be, all of them busy.
import os
for _ in range(6):
    try:
        os.fork()
    except OSError:
        pass
while True:
    pass
