import time
print(time.process_time() < 3, time.thread_time() < 3, time.perf_counter() > 0)
print(time.monotonic() <= time.monotonic(), time.time() > 1.6e9)
