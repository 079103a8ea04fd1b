# Programs of the image that would run as root, were they let.
import os
import stat
import subprocess
print("as nobody else:", os.getuid() == os.geteuid() != 0)
worst = set()
for top, folders, files in os.walk("/", onerror=lambda e: None):
    if top in ("/proc", "/sys"):
        folders[:] = []
        continue
    for name in files:
        path = os.path.join(top, name)
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & 0o6000:
            try:
                subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=2)
            except (OSError, subprocess.TimeoutExpired):
                pass
lines = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if line.startswith(("Cap", "NoNew", "Seccomp:")))
print({name: value.strip() for name, value in lines.items()})
