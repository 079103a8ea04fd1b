# Files that live in memory alone, and memory that belongs to no process: not to be had by any name.
import ctypes
import os
from probe import attempt, syscall
attempt("memfd_create", os.memfd_create, "large")
attempt("memfd_create, huge pages", os.memfd_create, "large", os.MFD_HUGETLB)
attempt("memfd_secret", syscall, "memfd_secret", 0)
attempt("shmget", syscall, "shmget", 0, 17 << 20, 0o1600)
