import sqlite3
import pandas as pd
db = sqlite3.connect(":memory:")
pd.DataFrame({"team": list("aabbc"), "points": [3, 1, 0, 3, 1]}).to_sql("game", db, index=False)
print(pd.read_sql("select team, sum(points) as points from game group by team order by points desc, team", db))
