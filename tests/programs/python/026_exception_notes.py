e = ValueError('noted')
e.add_note('first')
e.add_note('second line\nthird')
raise e
