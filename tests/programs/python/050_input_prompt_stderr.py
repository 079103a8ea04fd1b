import sys
print('to stderr', file=sys.stderr, end='')
print(input('prompt> '))
