from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
Point = namedtuple("Point", "x y", defaults=[0])
print(Counter("abracadabra").most_common(2), deque(range(10), maxlen=3), ChainMap({"a": 1}, {"b": 2})["b"], Point(1)._asdict())
tree = lambda: defaultdict(tree)
t = tree(); t["a"]["b"] = 1
print({k: dict(v) for k, v in t.items()}, list(OrderedDict.fromkeys("hello")))
