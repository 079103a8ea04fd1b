import os
for name in ["日本語.txt", "naïve café.csv", "emoji😀.md"]:
    with open(name, "w", encoding="utf-16") as file:
        file.write(name * 2)
for name in sorted(os.listdir(".")):
    if name != "main.py":
        print(name, os.path.getsize(name), open(name, encoding="utf-16").read())
try:
    open("日本語.txt", encoding="utf-8").read()
except UnicodeDecodeError as error:
    print(error)
