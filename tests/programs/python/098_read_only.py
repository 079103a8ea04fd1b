try:
    open('/usr/lib/x', 'w')
except OSError as e:
    print(e)
