import resource, threading
for name, soft in (("STACK", 64 << 20), ("STACK", 512 << 20), ("NOFILE", 1024)):
    kind = getattr(resource, "RLIMIT_" + name)
    resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))
    print(name, resource.getrlimit(kind)[0])
resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
threading.stack_size(64 << 20)
thread = threading.Thread(target=print, args=("a thread with a large stack",))
thread.start()
thread.join()
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
try:
    bytearray(400 << 20)
except MemoryError:
    print("caught")
