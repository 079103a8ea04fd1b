import socket
a, b = socket.socketpair()
a.sendall(b'ping')
print(b.recv(10))
s6 = socket.socket(socket.AF_INET6)
print(socket.gethostname(), socket.has_ipv6)
