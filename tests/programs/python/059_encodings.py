import sys, locale
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), locale.getpreferredencoding(), sys.flags.utf8_mode)
print(locale.setlocale(locale.LC_CTYPE))
