import logging
logging.warning('a warning %s', 1)
logging.getLogger('x').error('an error', exc_info=False)
logging.info('not shown')
