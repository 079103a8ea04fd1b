# Timers by timer_create: as many as there are to be had on the one clock that has them, and none on any other.
import ctypes
import time
libc = ctypes.CDLL(None, use_errno=True)
timer, made, refused = ctypes.c_void_p(), 0, set()
for clock in range(12):
    for _ in range(20_000):
        if libc.timer_create(clock, None, ctypes.byref(timer)) != 0:
            refused.add((clock, ctypes.get_errno()))
            break
        made += 1
print(made <= 128, sorted(clock for clock, why in refused if why == 1))
print("held", flush=True)
time.sleep(2)
