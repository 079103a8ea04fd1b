# What the kernel itself says of this process: read by tests/suite/isolation.rs.
import json
import os
import resource

status = {}
for line in open("/proc/self/status"):
    name, _, value = line.partition(":")
    status[name] = value.strip()


def read(*paths):
    for path in paths:
        try:
            return open(path).read().strip()
        except OSError:
            pass
    return None


mounts = {}
for line in open("/proc/self/mountinfo"):
    left, right = line.rstrip("\n").split(" - ")
    fields = left.split()
    mounts[fields[4]] = {"options": fields[5].split(","), "kind": right.split()[0], "super": right.split()[2].split(",")}
limits = {name[7:]: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")}
print(json.dumps({
    "status": {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Uid", "Gid", "Groups")},
    "interfaces": [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]],
    "memory": read("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    "swap": read("/sys/fs/cgroup/memory.swap.max", "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
    "pids": read("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"),
    "cpu": read("/sys/fs/cgroup/cpu.max") or [read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), read("/sys/fs/cgroup/cpu/cpu.cfs_period_us")],
    "oom_score_adj": int(read("/proc/self/oom_score_adj")),
    "oom_score_adj_of_init": int(read("/proc/1/oom_score_adj")),
    "mounts": mounts,
    "limits": limits,
    "hostname": os.uname().nodename,
    "environment": sorted(os.environ),
    "namespaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in ("cgroup", "ipc", "mnt", "net", "pid", "uts")},
    "sandbox": [os.statvfs("/sandbox").f_frsize * os.statvfs("/sandbox").f_blocks, os.statvfs("/sandbox").f_files],
    "scratch": [os.statvfs("/dev/shm").f_frsize * os.statvfs("/dev/shm").f_blocks, os.statvfs("/dev/shm").f_files],
}))
