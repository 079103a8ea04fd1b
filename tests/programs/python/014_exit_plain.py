exit()
print('never')
