# Files of /proc and /sys that command the kernel.
import os
import stat
from probe import attempt
def is_mask(path):
    # What is hidden is /dev/null, which anybody may write.
    try:
        seen = os.stat(path)
        return stat.S_ISCHR(seen.st_mode) and seen.st_rdev == os.stat("/dev/null").st_rdev
    except OSError:
        return False
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory",
             "/proc/sys/kernel/randomize_va_space", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/net/ipv4/ip_forward",
             "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/proc/bus/pci", "/proc/mtrr", "/proc/acpi/wakeup",
             "/sys/kernel/uevent_helper", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state", "/sys/kernel/debug/x",
             "/sys/firmware/efi/vars", "/sys/fs/selinux/enforce", "/sys/kernel/security/apparmor/.remove",
             "/proc/self/attr/current", "/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/self/timerslack_ns",
             "/proc/self/coredump_filter", "/proc/self/loginuid", "/proc/self/sched", "/proc/self/autogroup", "/proc/self/make-it-fail"):
    if is_mask(path):
        print(f"{path}: nothing")
    else:
        attempt(path, lambda: os.close(os.open(path, os.O_WRONLY)))
worked = []
for top in ("/proc/sys", "/sys"):
    for folder, folders, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                if not is_mask(path):
                    worked.append(path)
            except OSError:
                pass
print("of all in /proc/sys and /sys:", worked or "nothing")
