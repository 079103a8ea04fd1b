print(__name__, __file__, __doc__, __package__, __spec__, __builtins__.__name__ if hasattr(__builtins__, '__name__') else type(__builtins__))
