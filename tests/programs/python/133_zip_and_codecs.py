import codecs
print(codecs.encode('hello', 'rot13'), '日本'.encode('shift_jis'), b'\x82\xa0'.decode('cp932'))
