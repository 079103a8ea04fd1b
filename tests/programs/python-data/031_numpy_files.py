import io
import numpy as np
a = np.arange(12.0).reshape(3, 4)
np.save("a.npy", a); np.savez_compressed("b.npz", x=a, y=a.T); np.savetxt("c.txt", a, fmt="%.1f", delimiter=",")
print(np.load("a.npy").sum(), sorted(np.load("b.npz").files), np.loadtxt("c.txt", delimiter=",").shape)
print(np.genfromtxt(io.StringIO("1,2\n,4\n"), delimiter=",", filling_values=-1), open("c.txt").read())
