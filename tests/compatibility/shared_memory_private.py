import mmap, os, struct
m = mmap.mmap(-1, 4096)  # shared and anonymous: what parents and children share
pid = os.fork()
if pid == 0:
    m[:8] = struct.pack('q', 42)
    os._exit(0)
os.waitpid(pid, 0)
assert struct.unpack('q', m[:8]) == (42,)
assert os.eventfd(0) > 2
print('ok')
