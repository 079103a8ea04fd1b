# -*- coding: latin-1 -*-
print('abc')
