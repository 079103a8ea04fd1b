// nothing but words
