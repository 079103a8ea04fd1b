import sys
print([getattr(h, '__name__', type(h).__name__) for h in sys.meta_path])
print([getattr(h, '__name__', type(h).__name__) for h in sys.path_hooks])
print(sorted(sys.path_importer_cache))
