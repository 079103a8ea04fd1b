# A process by a descriptor: its end can be waited for, and a signal finds it and no other.
import os
import select
import signal

child = os.fork()
if child == 0:
    signal.pause()
descriptor = os.pidfd_open(child)
signal.pidfd_send_signal(descriptor, signal.SIGTERM)
assert select.select([descriptor], [], [], 5)[0] == [descriptor]
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
print("ok")
