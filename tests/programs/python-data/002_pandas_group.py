import sys
import pandas as pd
df = pd.read_csv(sys.stdin, parse_dates=["day"])
print(df.groupby("shop")["sold"].agg(["count", "sum", "mean"]).round(2))
print(df.pivot_table(index=df["day"].dt.month, columns="shop", values="sold", aggfunc="sum", fill_value=0))
