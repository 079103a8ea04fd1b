import zipfile
import pandas as pd
df = pd.DataFrame({"a": range(5), "b": list("vwxyz")})
df.to_csv("out.csv.gz", index=False, compression={"method": "gzip", "mtime": 1})
print(pd.read_csv("out.csv.gz").equals(df))
with zipfile.ZipFile("all.zip", "w") as archive:
    archive.writestr("data.csv", df.to_csv(index=False))
print(pd.read_csv("all.zip").shape, zipfile.ZipFile("all.zip").namelist())
