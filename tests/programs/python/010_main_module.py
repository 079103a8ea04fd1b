import sys
m = sys.modules['__main__']
print(m, m.__file__, m.__loader__.__class__.__name__, m.__dict__ is globals())
