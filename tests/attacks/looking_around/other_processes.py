# Whoever else is there: init and this process, and nobody of another run.
import os
pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
print("processes:", len(pids), "with init first:", pids[0] == 1, "and me:", os.getpid() in pids)
print("init is:", open("/proc/1/comm").read().strip())
print("parent:", os.getppid())
print("session of my own:", os.getsid(0) == os.getpid())
