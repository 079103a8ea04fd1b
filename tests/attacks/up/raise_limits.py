# Its own limits, raised by every way there is.
import resource
from probe import attempt
for name in ("NOFILE", "FSIZE", "CPU", "MEMLOCK", "MSGQUEUE", "SIGPENDING"):
    kind = getattr(resource, "RLIMIT_" + name, {"MSGQUEUE": 12, "SIGPENDING": 11}.get(name))
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY:
        print(f"{name}: UNLIMITED")
        continue
    attempt(f"raise {name}", resource.setrlimit, kind, (hard + 1, hard + 1))
    attempt(f"prlimit init's {name}", resource.prlimit, 1, kind, (hard + 1, hard + 1))
