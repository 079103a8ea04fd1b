quit('a parting word')
