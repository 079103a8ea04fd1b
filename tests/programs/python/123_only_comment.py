# nothing but words
