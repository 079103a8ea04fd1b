# Every port of the loopback that the descriptors allow, and connections that nobody accepts.
import socket
keep = []
try:
    while True:
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(4096)
        keep.append(server)
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            keep.append(client)
except OSError as error:
    print("stopped:", error.strerror)
