import numpy as np
print(np.array([1.0, 0.0, -1.0]) / 0)
print(np.sqrt(np.array([-1.0, 4.0])))
print(np.array([200], dtype=np.uint8) + np.uint8(100), np.nanmean([1, np.nan, 3]))
