import networkx as nx
g = nx.Graph()
g.add_weighted_edges_from([("a", "b", 4), ("a", "c", 1), ("c", "b", 2), ("b", "d", 5), ("e", "f", 1)])
print(nx.shortest_path(g, "a", "d", weight="weight"), nx.shortest_path_length(g, "a", "d", weight="weight"))
print([sorted(c) for c in nx.connected_components(g)], {k: round(v, 4) for k, v in nx.pagerank(g).items()})
print(sorted(nx.minimum_spanning_edges(g, data=False)))
