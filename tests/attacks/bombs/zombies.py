# Children that end and are never waited for.
import os
count = 0
try:
    while count < 10_000:
        if os.fork() == 0:
            os._exit(0)
        count += 1
except BlockingIOError:
    pass
print("fewer than 64" if count < 64 else count)
