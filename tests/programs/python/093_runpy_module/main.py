import runpy
runpy.run_module('tool', run_name='__main__')
runpy.run_path('tool.py')
