import pandas as pd
df = pd.DataFrame({"a": [1]})
print(df["a"].iloc[0])
print(df["b"])
