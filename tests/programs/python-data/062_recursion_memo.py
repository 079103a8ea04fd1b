from functools import lru_cache
import sys
@lru_cache(None)
def edit(a, b):
    if not a or not b: return len(a) + len(b)
    return min(edit(a[1:], b) + 1, edit(a, b[1:]) + 1, edit(a[1:], b[1:]) + (a[0] != b[0]))
print(edit("kitten sitting", "sitting kitten"), edit.cache_info().currsize)
sys.setrecursionlimit(5000)
print((lambda f: f(f, 4000))(lambda f, n: 0 if n == 0 else 1 + f(f, n - 1)))
