# Every file of /proc and /sys that shows something, but for those of processes.
import os
own = {"self", "thread-self"} | {name for name in os.listdir("/proc") if name.isdigit()}
for top in ("/proc", "/sys"):
    for folder, folders, files in os.walk(top):
        if folder == "/proc":
            folders[:] = [name for name in folders if name not in own]
        for name in files:
            path = os.path.join(folder, name)
            try:
                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:
                continue
            try:
                if os.read(fd, 1):
                    print(path)
            except OSError:
                pass
            os.close(fd)
