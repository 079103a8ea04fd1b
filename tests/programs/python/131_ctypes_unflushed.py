import ctypes
libc = ctypes.CDLL(None)
libc.printf(b'C buffer\n')
print('python')
