async def f():
    pass


f()
print('not awaited')
