import os
print(sorted(int(n) for n in os.listdir('/proc/self/fd') if int(n) < 3), len(os.listdir('/proc/self/fd')))
