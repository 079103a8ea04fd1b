x = 3
print(f'{x=} {x!r:>5} {x:03d}', (y := x + 1), f'{"nested"}')
