import numpy as np
days = np.arange("2024-02-26", "2024-03-05", dtype="datetime64[D]")
print(days[np.is_busday(days)], np.busday_count("2024-01-01", "2024-12-31"))
print(np.char.upper(np.array(["straße", "żółw"])), np.unique(list("mississippi"), return_counts=True))
