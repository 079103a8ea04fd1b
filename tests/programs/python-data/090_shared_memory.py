from multiprocessing import Process, shared_memory
import numpy as np
def double(name):
    memory = shared_memory.SharedMemory(name); np.ndarray((4,), dtype="f8", buffer=memory.buf)[:] *= 2; memory.close()
if __name__ == "__main__":
    memory = shared_memory.SharedMemory(create=True, size=32)
    a = np.ndarray((4,), dtype="f8", buffer=memory.buf); a[:] = [1, 2, 3, 4]
    p = Process(target=double, args=(memory.name,)); p.start(); p.join(); print(a.tolist(), p.exitcode)
    del a; memory.close(); memory.unlink()
