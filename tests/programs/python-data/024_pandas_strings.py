import pandas as pd
names = pd.Series(["  Anna Müller ", "BOB o'neil", None, "李 小龙"])
print(names.str.strip().str.title().tolist())
print(names.str.extract(r"(?P<first>\S+)\s+(?P<last>.+)"))
print(names.str.len().fillna(-1).astype(int).tolist())
