import multiprocessing as mp, os


def work(q):
    q.send(('child', __name__, mp.current_process().name))


if __name__ == '__main__':
    a, b = mp.Pipe()
    p = mp.Process(target=work, args=(b,))
    p.start()
    print(a.recv())
    p.join()
    print(p.exitcode)
