try:
    int('x')
except ValueError as e:
    raise RuntimeError('while parsing') from e
