import sys
print(sys.flags)
print(sys.dont_write_bytecode, sys.executable, sys.prefix, sys.exec_prefix, sys.base_prefix)
print(sys.warnoptions, sys._xoptions)
