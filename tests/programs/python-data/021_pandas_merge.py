import pandas as pd
left = pd.DataFrame({"id": [1, 2, 3], "name": ["Ann", "Bob", "Čeněk"]})
right = pd.DataFrame({"id": [2, 3, 3, 9], "score": [5.5, 7, 8, 1]})
print(left.merge(right, how="outer", on="id", indicator=True))
print(pd.concat([left, left]).drop_duplicates().reset_index(drop=True).to_json(orient="records", force_ascii=False))
