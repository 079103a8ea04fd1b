import os
print(sorted(os.environ))
print([os.environ.get(n) for n in ('PATH', 'HOME', 'LANG', 'PYTHONPATH', 'SCE_CONTROL')])
