import random
random.seed("pi")
inside = sum(random.random() ** 2 + random.random() ** 2 <= 1 for _ in range(20000))
print(4 * inside / 20000, random.choices("abc", [5, 1, 1], k=8), round(random.gauss(0, 1), 6), random.getrandbits(64))
