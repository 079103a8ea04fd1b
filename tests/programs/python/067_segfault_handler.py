import faulthandler, sys
faulthandler.enable()
print(faulthandler.is_enabled())
faulthandler.dump_traceback()
