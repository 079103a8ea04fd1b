import bisect, heapq
graph = {"a": {"b": 7, "c": 3}, "b": {"d": 2}, "c": {"b": 1, "d": 8}, "d": {}}
best, heap = {}, [(0, "a")]
while heap:
    cost, node = heapq.heappop(heap)
    if node not in best:
        best[node] = cost
        for other, more in graph[node].items(): heapq.heappush(heap, (cost + more, other))
print(best, heapq.nsmallest(2, [5, 1, 4]), bisect.bisect([1, 3, 5], 4))
