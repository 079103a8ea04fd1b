import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
rng = np.random.default_rng(0)
X = rng.uniform(0, 1, (200, 3))
y = X @ [1.5, -2.0, 0.5] + 4
a, b, c, d = train_test_split(X, y, random_state=1)
model = LinearRegression().fit(a, c)
print(model.coef_.round(6), round(model.intercept_, 6), round(r2_score(d, model.predict(b)), 6))
