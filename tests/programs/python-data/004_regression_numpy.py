import numpy as np
rng = np.random.default_rng(7)
x = np.linspace(0, 10, 50)
y = 3 * x + 2 + rng.normal(0, 0.5, x.size)
slope, intercept = np.polyfit(x, y, 1)
residuals = y - (slope * x + intercept)
print(round(slope, 4), round(intercept, 4), round(float((residuals ** 2).sum()), 4))
