import getpass, grp, locale, os, platform, pwd, resource, sys, sysconfig
assert platform.platform() and platform.machine() and platform.python_version_tuple()
assert os.cpu_count() >= 1 and os.sched_getaffinity(0) and os.getloadavg()
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
assert os.getpgid(0) and os.getpriority(os.PRIO_PROCESS, 0) is not None and os.times().user >= 0
assert pwd.getpwnam('root').pw_uid == 0 and grp.getgrgid(0).gr_name == 'root'
try:
    pwd.getpwuid(os.getuid())
except KeyError:
    pass
assert os.path.expanduser('~') == os.environ['HOME']
assert sysconfig.get_paths() and locale.getlocale()
os.sysconf('SC_PAGE_SIZE')
os.uname()
os.umask(0o77)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 256))
print('ok')
