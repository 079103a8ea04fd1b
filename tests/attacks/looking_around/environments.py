# The environment of every process: nothing of the server's, of the cloud's, of Docker's.
import os
from probe import outcome
known = {"PATH", "HOME", "LANG", "LOGNAME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "HOSTNAME", "TMPDIR", "USER"}
print("mine:", sorted(set(os.environ) - known) or "nothing")
others = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) != os.getpid():
        try:
            others.append(open(f"/proc/{pid}/environ", "rb").read())
        except OSError:
            pass
print("of others:", others or "nothing")
mine = open("/proc/self/environ", "rb").read()
found = [word for word in (b"AWS_", b"DOCKER", b"TOKEN", b"SECRET", b"KEY", b"CARGO", b"decoy") if word in mine.upper() or word in mine]
print("as it was given:", found or "nothing")
