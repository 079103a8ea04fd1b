import argparse
parser = argparse.ArgumentParser(prog="tool", description="Adds.")
parser.add_argument("numbers", type=int, nargs="+"); parser.add_argument("--scale", type=float, default=1)
print(parser.parse_args(["1", "2", "--scale", "2.5"]))
parser.parse_args(["one"])
