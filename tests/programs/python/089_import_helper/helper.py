def fail():
    raise LookupError('in helper')
