# Thousands of orphans end at once; init has to bury them and not miss the program's own end.
import os
for _ in range(400):
    try:
        pid = os.fork()
    except OSError:
        continue
    if pid == 0:
        try:
            if os.fork() == 0:
                os._exit(1)
        except OSError:
            pass
        os._exit(2)
    os.waitpid(pid, 0)
os._exit(42)
