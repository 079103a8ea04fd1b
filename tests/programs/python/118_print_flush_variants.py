print('a', 'b', sep='-', end='|')
print(*range(3), sep='\n')
print('no newline', end='')
