import math
print(len(str(2 ** 4000)), math.comb(100, 50), math.isqrt(10 ** 40), pow(3, -1, 11), math.lcm(*range(1, 20)))
print(str(10 ** 5000)[:5])
