import unicodedata
for text in ["é", "e\u0301", "ﬁ", "①", "Å", "İ"]:
    print([unicodedata.normalize(form, text).encode("unicode_escape").decode() for form in ("NFC", "NFD", "NFKC")], text.casefold().encode("utf-8"), unicodedata.name(text[0]))
print(len("👨‍👩‍👧"), "ß".upper(), sorted(["z", "ä", "a", "Z"]), "١٢٣".isdigit(), int("١٢٣"))
