class C:
    def __del__(self):
        print('deleted')


c = C()
print('end of the program')
