import time
t = time.monotonic()
time.sleep(0.05)
print(time.monotonic() - t >= 0.05, time.tzname, time.strftime('%Z'))
