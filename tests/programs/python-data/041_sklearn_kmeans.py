import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
rng = np.random.default_rng(1)
X = np.vstack([rng.normal(c, 0.3, (30, 2)) for c in [(0, 0), (4, 4), (0, 5)]])
model = KMeans(3, n_init=5, random_state=0).fit(X)
print(sorted(np.bincount(model.labels_)), round(silhouette_score(X, model.labels_), 4))
