import argparse
p = argparse.ArgumentParser(description='adds')
p.add_argument('n', type=int)
p.add_argument('--twice', action='store_true')
a = p.parse_args()
print(a)
