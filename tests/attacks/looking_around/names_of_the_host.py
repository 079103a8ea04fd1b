# What names this sandbox or its host. The mounts do: /proc/self/mountinfo cannot be hidden, since it is each process's
# own, and the engine mounts its files from below the container's folder. Nothing can be reached by those names.
import os
import re
import socket
print(socket.gethostname(), os.uname().nodename)
text = open("/proc/self/cgroup").read()
print("container ids in /proc/self/cgroup:", re.findall(r"[0-9a-f]{64}", text) or "nothing")
named = set()
for line in open("/proc/self/mountinfo"):
    fields = line.split()
    if re.search(r"[0-9a-f]{64}|/docker|overlay2|sce-init", line):
        named.add(fields[4])
known = {"/", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/opt/sandbox"}
print("mounts whose sources have names of the engine's, besides the known:", " ".join(sorted(named - known)) or "nothing")
