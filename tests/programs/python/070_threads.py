import threading
results = []
lock = threading.Lock()


def work(n):
    with lock:
        results.append(n * n)


ts = [threading.Thread(target=work, args=(n,)) for n in range(20)]
[t.start() for t in ts]
[t.join() for t in ts]
print(sorted(results), threading.active_count(), threading.current_thread().name, threading.main_thread().name)
