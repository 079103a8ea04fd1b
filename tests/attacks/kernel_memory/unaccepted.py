# Connections that their maker has closed and nobody has accepted: they cost no descriptor.
import socket
import time
begun, keep = time.monotonic(), []
while time.monotonic() - begun < 4:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(4096)
    keep.append(server)
    for _ in range(4000):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(server.getsockname())
        client.close()
        if time.monotonic() - begun > 4:
            break
print("held", flush=True)
time.sleep(2)
