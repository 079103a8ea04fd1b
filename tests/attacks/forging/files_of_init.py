# Init through /proc: memory, maps, descriptors, environment, and its knobs.
import os
from probe import attempt
for name in ("mem", "maps", "smaps", "environ", "auxv", "stack", "syscall", "io", "pagemap", "timers", "personality"):
    attempt(f"read {name}", lambda: open(f"/proc/1/{name}", "rb").read(1))
for name in ("exe", "cwd", "root", "fd/0", "fd/1", "fd/2", "fd/3", "ns/net", "ns/user"):
    attempt(f"follow {name}", os.readlink, f"/proc/1/{name}")
for name in ("fd", "fdinfo", "map_files", "task/1/fd"):
    attempt(f"list {name}", os.listdir, f"/proc/1/{name}")
for name in ("mem", "oom_score_adj", "comm", "coredump_filter", "clear_refs", "setgroups", "uid_map", "timerslack_ns"):
    attempt(f"write {name}", lambda: open(f"/proc/1/{name}", "wb"))
