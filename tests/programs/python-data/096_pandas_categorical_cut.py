import pandas as pd
ages = pd.Series([3, 17, 25, 64, 80])
groups = pd.cut(ages, [0, 18, 65, 120], labels=["child", "adult", "old"])
print(groups.value_counts().sort_index(), pd.qcut(ages, 2).astype(str).tolist(), pd.get_dummies(groups).sum().to_dict())
