import pandas as pd
df = pd.DataFrame({"y": [1, 1, 2, 2], "q": [1, 2, 1, 2], "v": [10.0, 20, 30, 45]}).set_index(["y", "q"])
print(df.unstack(), df.groupby(level="y")["v"].transform(lambda v: v / v.sum()).round(3).tolist(), df["v"].pct_change().round(3).tolist(), df.to_markdown() if False else df.to_html()[:60], sep="\n")
