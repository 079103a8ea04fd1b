import signal, time
signal.signal(signal.SIGALRM, lambda *_: print('ring'))
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.3)
