from concurrent.futures import ThreadPoolExecutor, as_completed
def check(n):
    if n == 3:
        raise ValueError(f"bad item {n}")
    return n * 10
with ThreadPoolExecutor(8) as pool:
    futures = {pool.submit(check, n): n for n in range(6)}
    results = {}
    for future in as_completed(futures):
        results[futures[future]] = repr(future.exception() or future.result())
for n in sorted(results): print(n, results[n])
