print('after a mark')
