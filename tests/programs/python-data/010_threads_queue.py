import queue, threading
work, done = queue.Queue(), []
lock = threading.Lock()
def worker():
    while (item := work.get()) is not None:
        with lock:
            done.append(item ** 2)
threads = [threading.Thread(target=worker) for _ in range(4)]
for thread in threads: thread.start()
for n in range(100): work.put(n)
for _ in threads: work.put(None)
for thread in threads: thread.join()
print(sum(done), len(done))
