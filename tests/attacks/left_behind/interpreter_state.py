# Changes to the interpreter that a reused one would show to the next run.
import builtins, sys, os
builtins.left_behind = True
sys.modules["left_behind"] = sys
sys.path.insert(0, "/tmp")
os.environ["LEFT_BEHIND"] = "1"
os.umask(0)
print("changed")
