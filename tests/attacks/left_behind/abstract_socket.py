# A process that stays, with a socket, under a name that the next run will look for.
import os
import socket
import time
server = socket.socket(socket.AF_UNIX)
server.bind("\0left-behind")
server.listen()
tcp = socket.socket()
tcp.bind(("127.0.0.1", 7777))
tcp.listen()
if os.fork() == 0:
    os.setsid()
    time.sleep(3600)
print("left", flush=True)
os._exit(0)
