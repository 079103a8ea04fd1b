import json
import matplotlib.pyplot as plt
import pandas as pd
from helper import clean
df = clean(pd.read_csv("data/sales.csv"))
summary = df.groupby("region")["amount"].sum().sort_values(ascending=False)
summary.plot.barh(); plt.tight_layout(); plt.savefig("out.png")
json.dump(summary.to_dict(), open("out.json", "w"))
print(open("out.json").read(), len(open("out.png", "rb").read()) > 5000, df.shape)
