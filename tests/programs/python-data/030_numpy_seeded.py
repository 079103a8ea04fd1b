import random
import numpy as np
np.random.seed(42); random.seed(42)
print(np.random.rand(3).round(6), np.random.randint(0, 100, 5), np.random.permutation(6))
print(random.random(), random.sample(range(50), 4), np.random.default_rng(5).choice(10, 3, replace=False))
