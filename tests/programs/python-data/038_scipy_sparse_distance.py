import numpy as np
from scipy import sparse
from scipy.spatial import ConvexHull, distance
m = sparse.random(20, 20, density=0.1, random_state=3, format="csr")
print(m.nnz, round(m.sum(), 6), sparse.csgraph.connected_components(m, directed=False)[0])
points = np.array([[0, 0], [2, 0], [1, 1], [2, 2], [0, 2]])
print(ConvexHull(points).volume, distance.cdist(points[:2], points[2:]).round(3))
