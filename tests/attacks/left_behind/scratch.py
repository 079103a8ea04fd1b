# Leaves shared memory, semaphores, files, links, pipes and sockets in the scratch space, where it may.
import multiprocessing
import os
import socket
from multiprocessing import shared_memory
held = []
open("/dev/shm/mark", "w").write("mark")
os.chmod("/dev/shm/mark", 0o4777)
os.makedirs("/dev/shm/a/b/c")
os.symlink("/sandbox", "/dev/shm/link")
os.mkfifo("/dev/shm/pipe")
socket.socket(socket.AF_UNIX).bind("/dev/shm/socket")
held.append(multiprocessing.Semaphore(1))
held.append(shared_memory.SharedMemory("memory", True, 4096))
print(sorted(os.listdir("/dev/shm")), flush=True)
os._exit(0)
