# Every folder and file that can be seen, and every way to leave something there.
import os
tried = 0
def works(act, *args):
    global tried
    tried += 1
    try:
        fd = act(*args)
        if isinstance(fd, int):
            os.close(fd)
        return True
    except (OSError, ValueError):
        return False
def flag(path, what):
    print(what, path, flush=True)
me = f"/proc/{os.getpid()}"
for top, folders, files in os.walk("/", onerror=lambda e: None):
    if top.startswith("/proc") or top.startswith("/sys"):
        # The kernel's own files have attacks of their own; here only folders: can anything be made in them?
        if top.count("/") > 4:
            folders[:] = []
            continue
    path = os.path.join(top, "left-behind")
    if works(os.open, path, os.O_CREAT | os.O_WRONLY, 0o600): flag(path, "file")
    if works(os.mkdir, path + "d"): flag(path, "folder")
    if works(os.symlink, "/", path + "s"): flag(path, "symlink")
    if works(os.mkfifo, path + "f"): flag(path, "pipe")
    if works(os.open, top, os.O_TMPFILE | os.O_RDWR, 0o600): flag(top, "unnamed file")
    if top.startswith(("/proc", "/sys", "/usr/share", "/usr/lib")) and top.count("/") > 3:
        continue
    for name in files[:40]:
        path = os.path.join(top, name)
        if path in ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/random", "/dev/urandom", "/dev/ptmx") or path.startswith(("/proc", "/sys", "/dev/std", "/dev/fd", "/dev/pts")):
            continue
        if works(os.open, path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK): flag(path, "append")
        if works(os.link, path, "/sandbox/link"): flag(path, "hard link")
for name in os.listdir("/dev"):
    path = "/dev/" + name
    if name not in ("null", "fd", "stdin", "stdout", "stderr") and not os.path.isdir(path):
        if works(os.open, path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY): flag(path, "device")
print(f"tried {tried} ways")
