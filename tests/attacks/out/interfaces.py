# One interface, and no way to the others.
import os
print("interfaces:", sorted(os.listdir("/sys/class/net")))
print("in /proc/net/dev:", [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]])
print("routes:", len(open("/proc/net/route").read().splitlines()) - 1)
