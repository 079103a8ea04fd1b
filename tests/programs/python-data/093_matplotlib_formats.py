import os
import matplotlib.pyplot as plt
plt.rcParams["svg.hashsalt"] = "x"
plt.scatter([1, 2, 3], [3, 1, 2], c=[0.1, 0.5, 0.9]); plt.xlabel("x → ü"); plt.colorbar()
for ending in ["svg", "pdf", "jpg", "eps"]:
    plt.savefig("f." + ending, metadata={"Date": None} if ending == "svg" else None)
    print(ending, open("f." + ending, "rb").read(5), os.path.getsize("f." + ending) > 1000)
