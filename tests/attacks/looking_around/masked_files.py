# What the host's kernel would tell of the host.
import os
def seen(path):
    try:
        if os.path.isdir(path):
            return "nothing" if not os.listdir(path) else "SEEN"
        with open(path, "rb") as file:
            return "nothing" if not file.read(64) else "SEEN"
    except OSError as error:
        return type(error).__name__
for path in ("/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
             "/proc/scsi", "/proc/asound", "/proc/acpi", "/sys/firmware", "/proc/interrupts_", "/sys/devices/virtual/powercap",
             "/proc/cmdline", "/proc/kallsyms", "/proc/modules", "/proc/diskstats", "/proc/partitions", "/proc/pressure",
             "/proc/key-users", "/proc/vmallocinfo", "/proc/schedstat", "/proc/zoneinfo", "/proc/buddyinfo", "/proc/softirqs",
             "/proc/iomem", "/proc/ioports", "/sys/block", "/sys/class/block", "/sys/class/dmi", "/sys/devices/virtual/dmi",
             "/sys/module", "/sys/kernel/debug", "/proc/kmsg", "/dev/kmsg", "/proc/kpagecount", "/proc/slabinfo"):
    print(f"{path}: {seen(path)}")
