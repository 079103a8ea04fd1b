import sys
sys.excepthook = lambda t, v, tb: print('hooked', t.__name__, v)
raise ValueError('mine')
