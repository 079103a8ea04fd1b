import json
import pandas as pd
data = [{"id": 1, "user": {"name": "a", "tags": ["x", "y"]}}, {"id": 2, "user": {"name": "b", "tags": []}}]
flat = pd.json_normalize(data)
print(flat)
print(flat.explode("user.tags").to_csv(index=False), json.loads(flat.to_json())["user.name"])
