# Shared memory by its name, in another process; shared lists; memory that is mapped.
import mmap
from multiprocessing import Array, Process, shared_memory


def fill(name, array):
    memory = shared_memory.SharedMemory(name)
    memory.buf[:5] = b"hello"
    memory.close()
    array[1] = 7


def show(name):
    print(list(shared_memory.ShareableList(name=name)))


memory = shared_memory.SharedMemory(create=True, size=8 * 1024 * 1024)
array = Array("i", 3)
worker = Process(target=fill, args=(memory.name, array))
worker.start()
worker.join()
print(bytes(memory.buf[:5]), list(array), flush=True)
numbers = shared_memory.ShareableList([1, 2.5, "three"])
worker = Process(target=show, args=(numbers.shm.name,))
worker.start()
worker.join()
numbers.shm.close()
numbers.shm.unlink()
memory.close()
memory.unlink()
with open("/dev/shm/mapped", "w+b") as file:
    file.truncate(4096)
    with mmap.mmap(file.fileno(), 4096) as mapped:
        mapped[:3] = b"abc"
    print(file.read(3))
