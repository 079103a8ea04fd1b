from sympy import N, Rational, factorint, isprime, nsimplify, pi, prime
print(N(pi, 40), factorint(2 ** 40 - 1), isprime(2 ** 61 - 1), prime(1000), Rational(1, 3) + Rational(1, 6), nsimplify(0.125))
