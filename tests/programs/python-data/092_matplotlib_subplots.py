import hashlib
import matplotlib.pyplot as plt
import numpy as np
fig, axes = plt.subplots(2, 2, figsize=(6, 4), constrained_layout=True)
x = np.linspace(0, 6, 100)
axes[0, 0].plot(x, np.sin(x), label="$\\sin(x)$"); axes[0, 0].legend()
axes[0, 1].bar(["a", "b"], [3, 5]); axes[1, 0].hist(np.random.default_rng(0).normal(size=200), 20); axes[1, 1].imshow(np.eye(5))
fig.savefig("grid.png", dpi=80); print(plt.get_backend().lower(), plt.get_fignums(), hashlib.sha256(open("grid.png", "rb").read()).hexdigest())
plt.close("all"); print(plt.get_fignums())
