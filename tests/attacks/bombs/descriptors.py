import errno
import os
count = 0
try:
    while True:
        os.open("/dev/null", os.O_RDONLY)
        count += 1
except OSError as error:
    os.write(1, f"{errno.errorcode[error.errno]} {'before 1024' if count < 1024 else count}\n".encode())
