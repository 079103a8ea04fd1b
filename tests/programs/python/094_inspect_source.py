import inspect


def f():
    return 1  # a comment


print(inspect.getsource(f))
print(inspect.currentframe().f_lineno, inspect.stack()[0].filename, len(inspect.stack()))
