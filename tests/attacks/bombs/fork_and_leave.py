# Each process leaves a child behind and ends: there is never one pid for long enough to kill by name.
import os
while True:
    try:
        if os.fork():
            os._exit(0)
    except OSError:
        pass
