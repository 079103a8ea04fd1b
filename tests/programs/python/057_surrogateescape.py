import sys
sys.stdout.buffer.write(b'\xff\xfe raw\n')
sys.stdout.flush()
print(b'\xff'.decode('utf-8', 'surrogateescape').encode('utf-8', 'surrogateescape'))
