import hashlib
import matplotlib.pyplot as plt
import numpy as np
plt.style.use("ggplot")
ax = plt.figure().add_subplot(projection="3d")
X, Y = np.meshgrid(np.linspace(-2, 2, 20), np.linspace(-2, 2, 20))
ax.plot_surface(X, Y, np.exp(-X ** 2 - Y ** 2)); plt.savefig("s.png")
print(hashlib.sha256(open("s.png", "rb").read()).hexdigest(), "ggplot" in plt.style.available)
