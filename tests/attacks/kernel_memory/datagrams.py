# Datagrams that nobody reads.
import os
import socket
import time
def fill():
    keep = []
    try:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            receiver.bind(("127.0.0.1", 0))
            keep.append(receiver)
            for _ in range(7):
                sender.sendto(b"x" * 60000, receiver.getsockname())
    except OSError:
        return keep
for _ in range(2):
    if os.fork() == 0:
        break
keep = fill()
print("held", flush=True)
time.sleep(3)
