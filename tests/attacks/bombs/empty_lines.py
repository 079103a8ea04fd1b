# A million lines, each flushed, on both streams in turn: slow for whoever reads by line.
import os
for n in range(200_000):
    os.write(1 + n % 2, b"\n")
