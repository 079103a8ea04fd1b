# As much as the scratch space takes, in each way: bytes, a sparse file, an allocated one, names, one in another.
import os
from probe import attempt, syscall
os.chdir("/dev/shm")
def fill():
    with open("large", "wb", 0) as file:
        while file.write(b"x" * 65536) == 65536:
            pass
def sparse():
    os.ftruncate(os.open("sparse", os.O_CREAT | os.O_WRONLY, 0o600), 1 << 40)
def allocate(name="allocated"):
    syscall("fallocate", os.open(name, os.O_CREAT | os.O_WRONLY, 0o600), 0, 0, 1 << 24)
def names():
    for n in range(1_000_000):
        os.close(os.open(str(n), os.O_CREAT | os.O_WRONLY, 0o600))
def deep():
    for n in range(1_000_000):
        os.mkdir("in")
        os.chdir("in")
attempt("a terabyte in a sparse file", sparse)
attempt("a block of 16 MiB beside it", allocate)
attempt("another one", allocate, "more")
attempt("what is left", fill)
os.remove("large")
os.remove("allocated")
attempt("folders in folders", deep)
os.chdir("/dev/shm")
attempt("a million names", names)
print(os.statvfs("/dev/shm").f_favail)
