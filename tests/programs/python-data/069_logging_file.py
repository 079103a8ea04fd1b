import logging
logging.basicConfig(filename="run.log", level=logging.DEBUG, format="%(levelname)s %(name)s %(message)s")
log = logging.getLogger("job")
log.info("started %d", 1)
try: [][1]
except IndexError: log.exception("failed")
text = open("run.log").read(); print(text.count("\n"), text.splitlines()[0], text.splitlines()[-1])
logging.getLogger().addHandler(logging.StreamHandler()); log.warning("to stderr")
