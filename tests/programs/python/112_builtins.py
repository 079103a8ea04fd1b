import builtins
print([n for n in dir(builtins) if n in ('_', 'exit', 'quit', 'copyright', 'credits', 'license', 'help')], len(dir(builtins)))
print(repr(exit))
