"""Jobe's own test program, `testsubmit.py`, test by test, in every language that it tests and this server has. TESTSUBMIT names the
program: its licence keeps it out of this repository."""

import argparse, os

from common import *

LANGUAGES = ["python3", "nodejs", "c", "cpp", "java", "php", "pascal"]
# What must fail here, and why. A test that passes in spite of that is a failure, too.
DIFFERENT = {
    "Testing use of interpreter args with Python3": "the interpreter waits before a request is there: it takes no arguments then",
    "Valid Python3/pylint program": "the image has the standard library alone; another one may have pylint",
    "Test use of compileargs with C": "`std=c89` without a dash is no option that the language allows: 400, where the original compiles and fails",
    "Test outputlimit on C": "30, as CodeRunner calls it; the program's table lacks that number, and it expects the clock to strike first",
    "Testing overload exception": "the original answers a magic program so; here `overload` is tried by a server that is full",
}

path = os.environ["TESTSUBMIT"]
module = {"__name__": "testsubmit"}
# Its last line runs all of it and ends the process.
exec(compile(open(path).read().replace("\nsys.exit(main())", ""), path, "exec"), module)
host, port = BASE.removeprefix("http://").split(":")
module["ARGS"] = argparse.Namespace(host=host, port=port, proxy="", ssl=False, perf=False, verbose=False, langs=LANGUAGES)

case("testsubmit")
there = [name for name, _ in module["do_http"]("GET", "/jobe/index.php/restapi/languages")[1]]
same(sorted(there), sorted(LANGUAGES))
tests = [test for test in module["TEST_SET"] if test["language_id"] in LANGUAGES] + module["ERROR_CHECKS"]
failed = []
for test in tests:
    try:
        good = module["run_test"](test) == module["GOOD_TEST"]
    except KeyError as error:
        print("its table has no word for", error)
        good = False
    if not good:
        failed.append(test["comment"])
print(f"{len(tests)} tests, of which these do not pass: {failed}")
same(sorted(failed), sorted(DIFFERENT))
# Ten at once, as its own last check does it.
job = next(test for test in tests if test["language_id"] == "c")
same(module["check_multiple_submissions"](job, module["NUM_PARALLEL_SUBMITS"]), module["GOOD_TEST"])
