import re, sys
from collections import Counter
line = re.compile(r'^(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" (?P<status>\d{3}) (?P<size>\d+|-)$')
statuses, size, bad = Counter(), 0, 0
for text in sys.stdin:
    if match := line.match(text.rstrip("\n")):
        statuses[match["status"]] += 1
        size += 0 if match["size"] == "-" else int(match["size"])
    else:
        bad += 1
print(statuses.most_common(), size, bad)
