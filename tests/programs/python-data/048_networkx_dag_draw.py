import hashlib
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import networkx as nx
g = nx.DiGraph([("shirt", "tie"), ("tie", "jacket"), ("trousers", "shoes"), ("trousers", "belt"), ("belt", "jacket")])
print(list(nx.lexicographical_topological_sort(g)), nx.is_directed_acyclic_graph(g))
nx.draw(g, nx.circular_layout(g), with_labels=True)
plt.savefig("g.png")
print(hashlib.sha256(open("g.png", "rb").read()).hexdigest())
