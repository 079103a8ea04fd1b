name = input('name? ')
age = input('age? ')
print(f'{name} is {age}')
input('more? ')
