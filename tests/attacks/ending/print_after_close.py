import os
print("buffered and then lost")
os.close(1)
