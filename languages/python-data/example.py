import numpy as np

name = "world"
print(f"Hello, {name}!")
print((np.arange(10) ** 2).sum())
