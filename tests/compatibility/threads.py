import threading
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(16) as pool:
    assert sum(pool.map(lambda n: n * n, range(100))) == 328350
barrier = threading.Barrier(10)
ts = [threading.Thread(target=barrier.wait) for _ in range(9)]
[t.start() for t in ts]
barrier.wait()
[t.join() for t in ts]
print('ok')
