import datetime, os, random, secrets, sched, time, uuid, zoneinfo
assert time.time() > 1e9 and time.monotonic() > 0 and time.perf_counter_ns() > 0 and time.process_time() >= 0 and time.thread_time() >= 0
time.clock_gettime(time.CLOCK_BOOTTIME)
time.clock_getres(time.CLOCK_REALTIME)
assert len(os.urandom(16)) == 16 and len(os.getrandom(8)) == 8 and secrets.token_hex(4) and uuid.uuid4() and uuid.uuid1()
s = sched.scheduler()
s.enter(0.01, 1, lambda: None)
s.run()
assert datetime.datetime.now(zoneinfo.ZoneInfo('Europe/Berlin'))
time.tzset()
print('ok')
