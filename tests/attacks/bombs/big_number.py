# One call into C that does not come back and holds the interpreter's lock.
x = 9 ** 9 ** 9
