import ctypes, sys
libc = ctypes.CDLL(None)
print('python first', flush=True)
libc.printf(b'from C\n')
