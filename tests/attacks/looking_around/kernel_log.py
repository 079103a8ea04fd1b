# Files whose reading makes the host's kernel write the reader's name into its log.
import ctypes
import os
ctypes.CDLL(None).prctl(15, b"NOBODY-S-TEXT!", 0, 0, 0)
read = []
for top in ("/proc/sys", "/sys"):
    for folder, _, files in os.walk(top):
        for name in files:
            if name.startswith(("base_reachable", "retrans_time", "capability", "stable_pages", "block_dump", "nr_pdflush", "oom_adj")):
                try:
                    open(os.path.join(folder, name)).read()
                    read.append(name)
                except OSError:
                    pass
print("deprecated files that can be read:", read or "nothing")
