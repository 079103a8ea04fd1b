import json, statistics, sys
values = [json.loads(line)["ms"] for line in sys.stdin]
report = {"n": len(values), "mean": statistics.mean(values), "p50": statistics.median(values),
          "stdev": round(statistics.stdev(values), 6), "max": max(values)}
json.dump(report, open("report.json", "w"), indent=2, sort_keys=True)
print(open("report.json").read())
