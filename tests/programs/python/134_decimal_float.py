from decimal import Decimal
print(0.1 + 0.2, Decimal('0.1') + Decimal('0.2'), 1e308 * 10, float('nan'), -0.0, 10 ** 30, 2 ** 0.5)
