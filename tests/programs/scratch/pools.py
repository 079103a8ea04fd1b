# Semaphores, pools of threads and processes, queues and events, by fork and by spawn.
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool


def square(n):
    return n * n


def put(queue, event, barrier):
    barrier.wait()
    event.wait()
    queue.put(multiprocessing.current_process().name != "MainProcess")


if __name__ == "__main__":
    print(ThreadPool(2).map(square, range(4)))
    with ThreadPoolExecutor(2) as pool:
        print(list(pool.map(square, range(4))))
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, range(4))))
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            print(method, pool.map(square, range(4)))
        queue, event, barrier, total = context.Queue(), context.Event(), context.Barrier(2), context.Value("i", 0)
        workers = [context.Process(target=put, args=(queue, event, barrier)) for _ in range(2)]
        for worker in workers:
            worker.start()
        event.set()
        print(sorted(queue.get(timeout=8) for _ in workers))
        for worker in workers:
            worker.join()
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        print(dict(shared))
    print(multiprocessing.Lock(), multiprocessing.Semaphore(3).get_value(), tempfile.gettempdir())
