import functools, itertools, operator
print(list(itertools.pairwise("abcd")), list(itertools.batched([1], 1)) if hasattr(itertools, "batched") else "no batched")
print(["".join(p) for p in itertools.permutations("abc", 2)], [k + str(len(list(g))) for k, g in itertools.groupby("aabccc")])
print(functools.reduce(operator.mul, range(1, 11)), list(itertools.accumulate([3, 1, 4], max)))
