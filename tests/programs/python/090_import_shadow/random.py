VALUE = 'shadowed'
