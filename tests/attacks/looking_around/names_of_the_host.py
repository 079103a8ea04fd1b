import os
import socket
print(socket.gethostname(), os.uname().nodename)
text = open("/proc/self/cgroup").read()
import re
print("container ids in /proc/self/cgroup:", re.findall(r"[0-9a-f]{64}", text) or "nothing")
