import os
print(os.getcwd(), sorted(os.listdir('.')), os.path.abspath('x'), os.path.realpath(__file__))
