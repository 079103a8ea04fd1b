print(hash('a') == hash('a'), hash(1), hash(1.5), hash((1, 2)))
