import numpy as np
rng = np.random.default_rng(11)
paths = np.exp(np.cumsum(rng.normal(0.0002, 0.01, (2000, 250)), axis=1))
print(paths.shape, paths[:, -1].mean().round(6), np.percentile(paths[:, -1], [5, 50, 95]).round(4), (paths @ paths.T).shape)
