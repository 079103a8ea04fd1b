import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "x"); open(path, "w").write("data"); print(os.listdir(folder), os.path.exists(path))
print(os.path.exists(path))
with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
    file.write("abc"); file.seek(0); print(file.read(), file.name.endswith(".txt"))
with tempfile.SpooledTemporaryFile(max_size=10) as file: file.write(b"x" * 100); file.seek(0); print(len(file.read()))
