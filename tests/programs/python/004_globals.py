print(sorted(globals()))
print({k: type(v).__name__ for k, v in sorted(globals().items())})
