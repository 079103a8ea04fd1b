import os, shutil, sys
assert not sys.stdout.isatty() and shutil.get_terminal_size()
import readline, cmd, getpass, textwrap
print('ok')
