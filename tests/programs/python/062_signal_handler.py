import os, signal
signal.signal(signal.SIGUSR1, lambda n, f: print('got', signal.Signals(n).name))
os.kill(os.getpid(), signal.SIGUSR1)
print('after')
