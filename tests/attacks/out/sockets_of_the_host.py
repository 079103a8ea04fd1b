# The sockets by which a container is left: Docker's, containerd's, and whoever else listens on a path.
import os
import socket
import stat
from probe import attempt
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/crio/crio.sock",
             "/run/podman/podman.sock", "/run/systemd/private", "/run/dbus/system_bus_socket", "/run/snapd.socket",
             "/dev/log", "/run/systemd/journal/socket"):
    attempt(path, lambda: socket.socket(socket.AF_UNIX).connect(path))
found = []
for top, folders, files in os.walk("/", onerror=lambda e: None):
    if top.startswith("/proc") or top.startswith("/sys"):
        folders[:] = []
        continue
    for name in files:
        try:
            if stat.S_ISSOCK(os.lstat(os.path.join(top, name)).st_mode):
                found.append(os.path.join(top, name))
        except OSError:
            pass
print("sockets in the file system:", found or "nothing")
print("abstract sockets:", [line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if "@" in line] or "nothing")
