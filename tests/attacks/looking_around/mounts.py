# Which file systems there are, how they are mounted, and what their sources tell of the host.
import re
kinds = {}
for line in open("/proc/self/mountinfo"):
    left, right = line.rstrip("\n").split(" - ")
    where, options = left.split()[4:6]
    kind = right.split()[0]
    if where in ("/", "/sandbox", "/opt/sandbox", "/opt/sandbox/boot", "/dev/shm", "/tmp") or kind not in ("proc", "tmpfs", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue"):
        flags = [flag for flag in ("ro", "nosuid", "nodev", "noexec") if flag in options.split(",")]
        kinds[where] = f"{kind} {' '.join(flags)}"
for where in sorted(kinds):
    print(f"{where}: {kinds[where]}")
