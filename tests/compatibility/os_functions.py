# What `os` offers beside files: copying between pipes, staying who one is, and the like.
import os
import signal
import threading

source, into = os.pipe()
os.write(into, b"by way of the kernel")
copy, copied = os.pipe()
assert os.splice(source, copied, 20) == 20
assert os.read(copy, 20) == b"by way of the kernel"
program = os.open(__file__, os.O_RDONLY)
assert os.sendfile(copied, program, 0, 6) == 6
assert os.read(copy, 6) == b"# What"
assert os.preadv(program, [bytearray(2)], 0) == 2
assert os.listxattr(__file__) is not None

user, group = os.getuid(), os.getgid()
os.setuid(user)
os.setgid(group)
os.seteuid(user)
os.setegid(group)
os.setreuid(user, user)
os.setregid(group, group)
os.setresuid(user, user, user)
os.setresgid(group, group, group)
for change in (os.setuid, os.setgid, os.seteuid, os.setegid):
    try:
        change(0)
    except PermissionError:
        continue
    raise SystemExit(f"{change.__name__}(0) was let through")

assert os.eventfd(1) >= 0
os.sched_setaffinity(0, os.sched_getaffinity(0))
os.kill(os.getpid(), 0)
signal.pthread_kill(threading.get_ident(), 0)
assert os.nice(1) >= 1 and os.getpgid(0) > 0
os.fchdir(os.open("/", os.O_RDONLY))
os.sync()
assert os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)[1] == 0
print("ok")
