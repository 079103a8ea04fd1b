import site, sys
print(site.ENABLE_USER_SITE, site.getusersitepackages(), 'usercustomize' in sys.modules, 'sitecustomize' in sys.modules)
