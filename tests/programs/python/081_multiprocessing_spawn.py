import multiprocessing as mp


def work(c):
    c.send((__name__, __file__))


if __name__ == '__main__':
    mp.set_start_method('spawn')
    a, b = mp.Pipe()
    p = mp.Process(target=work, args=(b,))
    p.start()
    p.join()
    print(a.recv() if a.poll() else 'nothing', p.exitcode)
