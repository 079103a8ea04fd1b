import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3]})
part = df[df["a"] > 1]
part["a"] = 0
print(df, df.describe().round(2), sep="\n")
