import array, ctypes, gc, mmap, sys, tracemalloc
tracemalloc.start()
x = bytearray(20 << 20)
m = mmap.mmap(-1, 1 << 20)
m[:4] = b'abcd'
m.madvise(mmap.MADV_DONTNEED)
m.resize(2 << 20)
a = array.array('d', range(1000))
memoryview(a)[10:20].tolist()
libc = ctypes.CDLL(None)
libc.qsort
gc.collect()
f = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)
assert f(1) == 2
print('ok')
