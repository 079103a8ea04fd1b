# Init's memory and registers.
import ctypes
from probe import attempt, call, syscall
ATTACH, PEEK, SEIZE, TRACEME = 16, 2, 0x4206, 0
attempt("ptrace attach", syscall, "ptrace", ATTACH, 1, 0, 0)
attempt("ptrace seize", syscall, "ptrace", SEIZE, 1, 0, 0)
attempt("ptrace traceme", syscall, "ptrace", TRACEME, 0, 0, 0)
here = ctypes.create_string_buffer(8)
class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
local = Iovec(ctypes.addressof(here), 8)
remote = Iovec(0x400000, 8)
for name in ("process_vm_readv", "process_vm_writev"):
    attempt(name, syscall, name, 1, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
attempt("kcmp", syscall, "kcmp", 1, 1, 0, 0, 0)
def steal(number):
    syscall("pidfd_getfd", syscall("pidfd_open", 1, 0), number, 0)
for number in range(3):
    attempt(f"pidfd_getfd {number}", steal, number)
