import getpass, os
print(getpass.getuser(), os.path.expanduser("~"), os.environ["USER"], os.environ["LOGNAME"])
