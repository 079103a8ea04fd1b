# What is left in the interpreter of what made it wait: names, modules, variables, frames.
import gc
import os
import sys
print(sorted(name for name in os.environ if name not in ("PATH", "HOME", "LANG", "LOGNAME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "HOSTNAME", "TMPDIR", "USER")))
frame, depth = sys._getframe(), 0
while frame:
    frame, depth = frame.f_back, depth + 1
print("frames:", depth)
print([o for o in gc.get_objects() if type(o).__name__ == "socket"])
