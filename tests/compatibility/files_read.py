import glob, mmap, os, pathlib, shutil, stat, fcntl, select
p = pathlib.Path(__file__)
assert p.exists() and p.stat().st_size > 0 and list(p.parent.iterdir())
with open(p, 'rb') as f:
    m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    assert m[:6] == b'import'
    fcntl.flock(f, fcntl.LOCK_SH)
    os.pread(f.fileno(), 4, 2)
    os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
    fcntl.fcntl(f, fcntl.F_GETFL)
assert glob.glob('/usr/lib/python3*')
assert shutil.which('sh')
assert stat.S_ISDIR(os.stat('/usr').st_mode)
assert [e.name for e in os.scandir('.')]
assert os.access('/etc/passwd', os.R_OK) and not os.access('/etc/passwd', os.W_OK)
os.statvfs('/')
assert shutil.disk_usage('/').total > 0
r, w = os.pipe()
os.write(w, b'x')
assert select.select([r], [], [], 0)[0] == [r]
ep = select.epoll()
ep.register(r, select.EPOLLIN)
assert ep.poll(0)
print('ok')
