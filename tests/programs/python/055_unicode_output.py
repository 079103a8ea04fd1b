print('grün 日本語 😀 עברית', '\u0301', '\ufeff', ascii('é'))
