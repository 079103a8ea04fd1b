# Pipe and socket buffers, filled and left.
import fcntl
import os
import socket
def fill(fd):
    os.set_blocking(fd, False)
    try:
        while True:
            os.write(fd, b"x" * 65536)
    except BlockingIOError:
        pass
keep = []
try:
    while True:
        reader, writer = os.pipe()
        keep += [reader, writer]
        try:
            fcntl.fcntl(writer, 1031, 1 << 20)  # F_SETPIPE_SZ
        except OSError:
            pass
        fill(writer)
        a, b = socket.socketpair()
        keep += [a, b]
        a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        fill(a.fileno())
        fill(b.fileno())
except OSError as error:
    os.write(1, f"stopped: {error.strerror}\n".encode())
