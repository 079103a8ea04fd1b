import os, sys
def zero(*_):
    real(0)
real = os._exit
sys.exit = os._exit = os.abort = zero
sys.excepthook = lambda *_: real(35)
raise RuntimeError("told by the hook")
