import pickle, shelve
class Node:
    def __init__(self, value): self.value, self.next = value, None
a = Node(1); a.next = Node(2); a.next.next = a
b = pickle.loads(pickle.dumps(a)); print(b.next.next is b, b.next.value)
try:
    with shelve.open("store") as db: db["k"] = [1, 2]
    print(shelve.open("store")["k"])
except Exception as error: print(type(error).__name__)
try: pickle.dumps(lambda: 0)
except Exception as error: print(type(error).__name__, error)
