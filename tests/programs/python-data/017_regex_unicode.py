import re
text = "Ελλάδα, naïve café, 東京タワー, Straße 12, emoji 👩‍💻 and e\u0301"
print(re.findall(r"\w+", text))
print(re.sub(r"(?i)straße", "STRASSE", text), re.findall(r"[\u4e00-\u9fff\u30a0-\u30ff]+", text))
print(re.split(r"\s*,\s*", text, maxsplit=2))
