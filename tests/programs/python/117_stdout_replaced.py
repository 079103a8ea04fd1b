import io, sys
old, sys.stdout = sys.stdout, io.StringIO()
print('caught')
old.write(sys.stdout.getvalue().upper())
