print(repr('''a
b'''))
