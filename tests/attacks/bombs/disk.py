# Room on any disk: plain, sparse, allocated, by many names.
import os
from probe import attempt, syscall
PLACES = ["/", "/tmp", "/var/tmp", "/sandbox", "/dev", "/dev/mqueue", "/run", "/home", "/opt/sandbox", "/root"]
def sparse(path):
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    os.ftruncate(fd, 1 << 40)
def allocate(path):
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    syscall("fallocate", fd, 0, 0, 1 << 34)
def inodes(path):
    for n in range(100_000):
        os.close(os.open(f"{path}{n}", os.O_CREAT | os.O_WRONLY, 0o600))
for place in PLACES:
    if os.path.isdir(place):
        attempt(f"write {place}", open, place + "/bomb", "wb")
        attempt(f"sparse {place}", sparse, place + "/sparse")
        attempt(f"fallocate {place}", allocate, place + "/alloc")
        attempt(f"inodes {place}", inodes, place + "/inode")
        attempt(f"folder {place}", os.mkdir, place + "/folder")
        attempt(f"unnamed {place}", os.open, place, os.O_TMPFILE | os.O_WRONLY)
