import os
import signal
print("stopping", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
print("never seen unless somebody continues me", flush=True)
