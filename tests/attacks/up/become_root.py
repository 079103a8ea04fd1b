# Another uid, a group, a capability, or the files that would give them.
import ctypes
import os
from probe import call, attempt, syscall
z = 0
me = os.getuid()
for name in ("setuid", "setgid", "setfsuid"):
    attempt(f"{name} 0", syscall, name, 0)
for name in ("setreuid", "setregid"):
    attempt(f"{name} 0", syscall, name, 0, 0)
for name in ("setresuid", "setresgid"):
    attempt(f"{name} 0", syscall, name, 0, 0, 0)
attempt("setgroups", syscall, "setgroups", 1, (ctypes.c_int * 1)(0))
header = (ctypes.c_uint * 2)(0x20080522, 0)
data = (ctypes.c_uint * 6)(*[0xFFFFFFFF] * 6)
attempt("capset", syscall, "capset", header, data)
attempt("chown", os.chown, "/sandbox/main.py", me, me)
attempt("fchownat", syscall, "fchownat", -100, "/sandbox/main.py", 0, 0, 0)
attempt("chmod setuid", os.chmod, "/sandbox/main.py", 0o4755)
attempt("set a file capability", os.setxattr, "/sandbox/main.py", "security.capability", b"\x01" * 20)
attempt("nice -20", os.setpriority, os.PRIO_PROCESS, 0, -20)
attempt("real-time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
for name in ("uid_map", "gid_map", "setgroups"):
    attempt(f"write {name}", open, f"/proc/self/{name}", "w")
libc = ctypes.CDLL(None, use_errno=True)
def prctl(*args):
    if libc.prctl(*[ctypes.c_ulong(a) for a in args]) == -1:
        raise OSError(ctypes.get_errno(), "")
attempt("clear no_new_privs", prctl, 38, 0, 0, 0, 0)
attempt("raise an ambient capability", prctl, 47, 2, 21, 0, 0)
attempt("keep capabilities by securebits", prctl, 28, 1, 0, 0, 0)
print("uid 0:", "DONE" if 0 in os.getresuid() + os.getresgid() else "EPERM")
