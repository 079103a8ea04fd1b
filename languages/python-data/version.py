import platform
from importlib.metadata import version

print(platform.python_version())
for name in ["numpy", "pandas", "matplotlib", "scipy", "scikit-learn", "sympy", "Pillow", "networkx"]:
    print(name, version(name))
