import os
print(oct(os.umask(0o22)), os.nice(0), os.sched_getscheduler(0))
