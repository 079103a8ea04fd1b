exec('x = 1\nprint(__name__, x)')
print(eval('x + 1'))
exec(compile('1/0', 'other.py', 'exec'))
