import pandas as pd
def clean(df):
    df = df.dropna(subset=["region"]).assign(amount=pd.to_numeric(df["amount"], errors="coerce"))
    return df[df["amount"] > 0]
