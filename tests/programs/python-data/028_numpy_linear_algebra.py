import numpy as np
a = np.array([[4.0, 1, 2], [1, 3, 0], [2, 0, 5]])
print(np.linalg.solve(a, [1, 2, 3]).round(8), np.linalg.det(a).round(8))
values, vectors = np.linalg.eigh(a)
print(values.round(6), np.allclose(vectors @ np.diag(values) @ vectors.T, a), np.linalg.matrix_rank(a))
try:
    np.linalg.inv(np.zeros((2, 2)))
except np.linalg.LinAlgError as error:
    print("LinAlgError:", error)
