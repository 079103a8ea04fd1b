import os, signal, sys
print('before', flush=True)
os.kill(os.getpid(), signal.SIGTERM)
