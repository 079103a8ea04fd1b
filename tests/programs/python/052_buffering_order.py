import os, sys
print('one buffered')
os.write(1, b'two direct\n')
sys.stderr.write('three on stderr\n')
print('four buffered')
os.write(1, b'five direct\n')
