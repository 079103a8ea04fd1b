import warnings
warnings.warn('careful')
warnings.warn('old', DeprecationWarning)
warnings.warn('soon', FutureWarning, stacklevel=1)
print('done')
