# Devices: which there are, and which of them can be opened for more than what all may.
import os
import stat
harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
found = []
for folder, folders, files in os.walk("/dev"):
    for name in files:
        path = os.path.join(folder, name)
        try:
            mode = os.stat(path).st_mode
        except OSError:
            continue
        if (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and name not in harmless and not path.startswith("/dev/pts/"):
            found.append(path)
print("other devices:", found or "nothing")
for name in ("kmsg", "mem", "kmem", "port", "sda", "vda", "fuse", "kvm", "loop-control", "net/tun", "vhost-net", "vsock", "uinput"):
    try:
        os.open("/dev/" + name, os.O_RDONLY)
        print(name + ": DONE")
    except OSError as error:
        print(name + ": ENOENT" if error.errno == 2 else name + ": EACCES")
