import sys
print(sys.argv, len(sys.argv))
print(sys.orig_argv[1:])
