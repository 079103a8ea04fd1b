print('a\0b'.encode())
