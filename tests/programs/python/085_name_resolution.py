import socket
print(socket.gethostbyname('localhost'))
try:
    socket.getaddrinfo('example.com', 80)
except socket.gaierror as e:
    print(e)
