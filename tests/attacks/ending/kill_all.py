# Everything the kernel lets this process kill: all but itself and init.
import os
import signal
child = os.fork()
if child == 0:
    while True:
        signal.pause()
os.kill(-1, signal.SIGKILL)
print("the child got", signal.Signals(os.WTERMSIG(os.waitpid(child, 0)[1])).name)
