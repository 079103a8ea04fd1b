# Every signal there is to process 1, which outlives them all and still reports.
import os
import signal
from probe import outcome
results = {outcome(os.kill, 1, number) for number in range(1, 65)}
print(sorted(results))
