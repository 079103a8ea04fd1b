# A seccomp filter of its own that answers every call with success, put on before a program that trusts the answers.
import ctypes
import os
from probe import libc, attempt
class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]
# setuid answers 0 without being made: the kernel's own no must still stand behind it.
load, compare, lie, allow = Filter(0x20, 0, 0, 0), Filter(0x15, 0, 1, 105), Filter(0x06, 0, 0, 0x00050000), Filter(0x06, 0, 0, 0x7FFF0000)
program = Program(4, (Filter * 4)(load, compare, lie, allow))
done = libc.prctl(22, 2, ctypes.byref(program), 0, 0)
libc.setuid(0)
print("still nobody:", os.getuid() != 0)
def mount():
    if libc.mount(b"x", b"/sandbox", b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "")
attempt("mount", mount)
