import multiprocessing as mp
import numpy as np
def norm(seed):
    return round(float(np.linalg.norm(np.random.default_rng(seed).normal(size=(50, 50)))), 6)
if __name__ == "__main__":
    with mp.Pool(2) as pool:
        print(pool.map(norm, range(4)))
