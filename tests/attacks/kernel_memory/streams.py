# Streams that nobody reads, over both families.
import socket
import time
keep, sent = [], 0
for family, place in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    server = socket.create_server((place, 0), family=family)
    for _ in range(50):
        client = socket.create_connection(server.getsockname()[:2])
        other, _ = server.accept()
        client.setblocking(False)
        keep += [client, other]
        try:
            while True:
                sent += client.send(b"x" * 65536)
        except BlockingIOError:
            pass
print("held", flush=True)
time.sleep(3)
