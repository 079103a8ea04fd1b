import atexit, sys
atexit.register(print, "cleaned up")
print("partial", end=""); sys.stdout.flush()
sys.exit("fatal: no input")
