import faulthandler, os, signal, time
hits = []
for s in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD, signal.SIGRTMIN):
    signal.signal(s, lambda n, f: hits.append(n))
    os.kill(os.getpid(), s)
signal.raise_signal(signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.signal(signal.SIGALRM, lambda n, f: hits.append(n))
signal.signal(signal.SIGVTALRM, lambda n, f: hits.append(n))
time.sleep(0.05)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
assert signal.sigpending() == {signal.SIGUSR1}
assert signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1
assert signal.sigtimedwait([signal.SIGUSR2], 0.01) is None
signal.siginterrupt(signal.SIGUSR2, False)
assert len(hits) == 6, hits
print('ok')
