import random
print(random.__file__, random.VALUE)
