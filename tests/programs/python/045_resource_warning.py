open(__file__)
print('left open')
