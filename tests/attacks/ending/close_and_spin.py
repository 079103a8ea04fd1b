import os
os.closerange(0, 1024)
while True:
    pass
