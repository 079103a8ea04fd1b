raise ExceptionGroup('several', [ValueError(1), TypeError(2), ExceptionGroup('inner', [KeyError('k')])])
