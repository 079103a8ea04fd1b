# A storm of signals and timers.
import os
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
while True:
    os.kill(os.getpid(), signal.SIGUSR1)
