from decimal import Decimal, ROUND_HALF_EVEN, getcontext
from fractions import Fraction
getcontext().prec = 30
print(Decimal(2).sqrt(), Decimal("2.675").quantize(Decimal("0.01"), ROUND_HALF_EVEN), round(2.675, 2))
print(sum(Fraction(1, n) for n in range(1, 11)), 0.1 + 0.2, f"{1234567.891:,.2f} {0.00001234:e} {255:#x}")
