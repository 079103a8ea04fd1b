import io
import pandas as pd
text = "name;age;joined\nx;31;01.02.2020\ny;;\nz;n/a;15.07.2021\n"
df = pd.read_csv(io.StringIO(text), sep=";", parse_dates=["joined"], dayfirst=True)
print(df.dtypes, df.isna().sum(), df.fillna({"age": df["age"].mean()}), sep="\n")
