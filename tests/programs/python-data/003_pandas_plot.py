import hashlib
import pandas as pd
import matplotlib.pyplot as plt
df = pd.DataFrame({"x": range(10), "y": [n * n for n in range(10)]})
df.plot(x="x", y="y", title="Squares")
plt.savefig("a.png")
data = open("a.png", "rb").read()
print(data[:8], len(data), hashlib.sha256(data).hexdigest())
