import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import GridSearchCV
rng = np.random.default_rng(0)
X = rng.normal(size=(80, 4))
search = GridSearchCV(ExtraTreesRegressor(10, random_state=0), {"max_depth": [2, 4]}, cv=2, n_jobs=2)
search.fit(X, X[:, 0] * 2 + X[:, 1])
print(search.best_params_)
