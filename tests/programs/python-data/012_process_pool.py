from concurrent.futures import ProcessPoolExecutor
import math
def prime(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))
if __name__ == "__main__":
    with ProcessPoolExecutor(3) as pool:
        print([n for n, yes in zip(range(60), pool.map(prime, range(60), chunksize=10)) if yes])
