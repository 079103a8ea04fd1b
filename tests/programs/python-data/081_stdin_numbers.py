import sys
n, *rest = map(int, sys.stdin.read().split())
rows = [rest[i * n:(i + 1) * n] for i in range(n)]
print(*map(list, zip(*rows)), sep="\n"); print(sum(rows[i][i] for i in range(n)))
