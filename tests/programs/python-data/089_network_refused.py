import socket
for address in [("127.0.0.1", 9)]:
    try: socket.create_connection(address, 1)
    except OSError as error: print(address, error.errno)
left, right = socket.socketpair(); left.sendall(b"ping"); print(right.recv(10))
