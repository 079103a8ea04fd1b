from scipy.optimize import brentq, curve_fit, linprog, minimize
import numpy as np
print(round(brentq(lambda x: x ** 3 - 2, 0, 2), 8), minimize(lambda v: (v[0] - 1) ** 2 + (v[1] + 2) ** 2, [0, 0]).x.round(4))
x = np.linspace(0, 4, 30)
print(curve_fit(lambda x, a, b: a * np.exp(-b * x), x, 2.5 * np.exp(-1.3 * x))[0].round(5))
print(linprog([-1, -2], A_ub=[[1, 1], [3, 1]], b_ub=[4, 6]).x.round(6))
