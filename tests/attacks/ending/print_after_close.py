import os
print("written before")
os.close(1)
print("lost")
