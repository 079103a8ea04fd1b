name = "world"
print(f"Hello, {name}!")
print(sum(n * n for n in range(10)))
