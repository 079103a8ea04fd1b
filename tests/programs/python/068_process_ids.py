import os
print(os.getppid(), os.getpid() > 1, os.getsid(0) > 0, os.getuid() == os.geteuid() > 0, os.getgid() > 0, os.getgroups() in ([], [os.getgid()]))
