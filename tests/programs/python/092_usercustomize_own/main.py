import sys
print('usercustomize' in sys.modules)
import usercustomize
print(usercustomize.__file__, usercustomize.N)
import sitecustomize
print(sitecustomize.N)
