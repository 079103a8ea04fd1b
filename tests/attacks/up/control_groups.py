# The control groups that hold it: written, left, made anew; and the old way out through release_agent.
import os
from probe import attempt
top = "/sys/fs/cgroup"
tried = 0
worked = []
for folder, folders, files in os.walk(top):
    for name in files:
        path = os.path.join(folder, name)
        tried += 1
        try:
            os.close(os.open(path, os.O_WRONLY))
            worked.append(path)
        except OSError:
            pass
    try:
        os.mkdir(folder + "/mine")
        worked.append(folder + "/mine")
    except OSError:
        pass
print("could be written:", worked or "nothing")
attempt("release_agent", open, top + "/memory/release_agent", "w")
attempt("cgroup.procs", open, top + "/cgroup.procs", "w")
attempt("devices.allow", open, top + "/devices/devices.allow", "w")
