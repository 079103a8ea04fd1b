import helper
from pkg import sub
import pkg.deep.mod as m
print(helper.__name__, helper.__file__, helper.__cached__, sub.VALUE, m.__package__, open('data.txt').read())
helper.fail()
