# Handlers and children that would write once the time is over.
import os
import signal
import time
def late(*_):
    os.write(1, b"LATE\n")
for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGALRM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, late)
if os.fork() == 0:
    os.setsid()
    begun = time.monotonic()
    while time.monotonic() < begun + 1.8:
        time.sleep(0.01)
    while True:
        os.write(1, b"LATE\n")
print("in time", flush=True)
while True:
    time.sleep(1)
