import os
import time
for byte in "grün 日本 😀 \u0301".encode():
    os.write(1, bytes([byte]))
    time.sleep(0.002)
