import multiprocessing as mp


def f(c, n):
    c.send(n * 2)


if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        ctx = mp.get_context(method)
        a, b = ctx.Pipe()
        p = ctx.Process(target=f, args=(b, 21))
        try:
            p.start()
        except OSError as e:
            assert method == 'forkserver', (method, e)  # it needs a socket in a folder that can be written
            continue
        assert a.recv() == 42
        p.join()
    print('ok')
