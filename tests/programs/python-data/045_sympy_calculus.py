from sympy import *
x, y = symbols("x y")
print(diff(sin(x) * exp(x), x), integrate(1 / (1 + x ** 2), (x, 0, oo)), limit(sin(x) / x, x, 0))
print(solve([x + y - 3, x - y - 1], [x, y]), factor(x ** 4 - 1), series(cos(x), x, 0, 6))
print(latex(Integral(sqrt(1 / x), x)), Matrix([[1, 2], [3, 4]]).inv())
