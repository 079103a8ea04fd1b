import fcntl, mmap, os, resource, socket, struct
with open(__file__, 'rb') as f:
    fcntl.lockf(f, fcntl.LOCK_SH)
    fcntl.lockf(f, fcntl.LOCK_UN)
    assert struct.unpack('hhqqi4x', fcntl.fcntl(f, fcntl.F_GETLK, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 0, 0, 0)))[0] == fcntl.F_UNLCK
    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    b = bytearray(6)
    assert os.preadv(f.fileno(), [b], 0) == 6 and b == b'import'
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 65536)
os.set_inheritable(r, True)
m = mmap.mmap(-1, 8192)
for advice in ('NORMAL', 'RANDOM', 'SEQUENTIAL', 'WILLNEED', 'DONTNEED', 'DONTFORK', 'HUGEPAGE', 'DONTDUMP'):
    m.madvise(getattr(mmap, 'MADV_' + advice))
tcp = socket.socket()
for level, name in ((socket.SOL_SOCKET, 'SO_REUSEADDR'), (socket.SOL_SOCKET, 'SO_REUSEPORT'), (socket.SOL_SOCKET, 'SO_KEEPALIVE'), (socket.IPPROTO_TCP, 'TCP_NODELAY'),
                    (socket.IPPROTO_TCP, 'TCP_KEEPIDLE'), (socket.IPPROTO_TCP, 'TCP_KEEPINTVL'), (socket.IPPROTO_TCP, 'TCP_KEEPCNT'), (socket.IPPROTO_TCP, 'TCP_USER_TIMEOUT'), (socket.IPPROTO_IP, 'IP_TTL'), (socket.IPPROTO_IP, 'IP_TOS')):
    tcp.setsockopt(level, getattr(socket, name), 1)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 1))
tcp.settimeout(0.5)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
udp = socket.socket(type=socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
a, b = socket.socketpair()
a.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
b.send(b'x')
assert a.recvmsg(1, socket.CMSG_SPACE(12))[1][0][2]
assert not os.isatty(os.open('/dev/null', os.O_RDONLY)) and not open('/dev/urandom', 'rb').isatty()
print('ok')
