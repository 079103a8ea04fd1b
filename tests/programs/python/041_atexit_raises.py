import atexit


@atexit.register
def f():
    raise ValueError('in atexit')


print('main')
