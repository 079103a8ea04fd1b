import gc, sys
print(gc.isenabled(), gc.get_threshold(), gc.get_freeze_count())
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace(), sys.getprofile())
