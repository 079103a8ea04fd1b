import csv, sys
rows = list(csv.DictReader(sys.stdin))
total = {}
for row in rows:
    total[row["city"]] = total.get(row["city"], 0) + float(row["price"]) * int(row["count"])
for city in sorted(total):
    print(f"{city:<10}{total[city]:>10.2f}")
