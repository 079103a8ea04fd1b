# One interface, and no way to the others.
import socket
def names():
    for number in range(1, 100):
        try:
            yield socket.if_indextoname(number)
        except OSError:
            pass
print("interfaces:", sorted(names()))
print("in /proc/net/dev:", [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]])
print("routes:", len(open("/proc/net/route").read().splitlines()) - 1)
