import threading


def bad():
    raise ValueError('in a thread')


t = threading.Thread(target=bad, name='worker')
t.start()
t.join()
print('main is fine')
