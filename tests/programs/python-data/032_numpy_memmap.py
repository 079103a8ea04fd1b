import numpy as np
m = np.memmap("big.dat", dtype="int32", mode="w+", shape=(1000, 1000))
m[:] = np.arange(1000)
m.flush()
print(np.memmap("big.dat", dtype="int32", mode="r").sum(dtype="int64"))
