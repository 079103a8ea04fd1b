import sys
for s in (sys.stdin, sys.stdout, sys.stderr):
    print(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.isatty(), s.fileno())
print(sys.stdout.write_through, sys.stdout.newlines)
