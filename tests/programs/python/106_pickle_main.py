import pickle


class C:
    def __init__(self):
        self.n = 3


d = pickle.dumps(C(), 0)
print(b'__main__' in d, pickle.loads(d).n)
