import pandas as pd
index = pd.date_range("2024-03-30 20:00", periods=12, freq="H", tz="UTC")
series = pd.Series(range(12), index=index)
print(series.resample("4H").sum())
print(series.tz_convert("Europe/Paris").index[:6].tolist())
print(series.rolling(3).mean().dropna().head(3).to_dict())
