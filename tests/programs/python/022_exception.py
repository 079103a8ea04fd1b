def f(x):
    return g(x) + 1


def g(x):
    return {}['key']


print('before')
f(1)
