"""judge0-api-wrapper: authenticates first, and reads answers without base64."""

import time

from judge0_api_wrapper import CreateSubmission, Judge0, Status

from common import *
from judge0_cases import all_cases

case("connect")
judge = Judge0(BASE + "/judge0", "not-a-key", "nobody")
assert 71 in judge.languages
case("hello")
result = judge.wait_for_completion(judge.submit(CreateSubmission(source_code=HELLO, language_id=71)), 0.2)
same((result.result, result.stdout), (Status.ACCEPTED, "hello\n"))
case("batch")
batch = [CreateSubmission(source_code=code, language_id=71, expected_output="hello") for code in (HELLO, WRONG)]
results = judge.wait_for_completions(judge.submit_batch(batch), 0.2)
same([one.result for one in results], [Status.ACCEPTED, Status.RUNTIME_ERROR_NZEC])


def run(code, language, **rest):
    try:
        submission = judge.submit(CreateSubmission(source_code=code, language_id=language, **rest))
        while judge.get_status(submission) < Status.ACCEPTED:
            time.sleep(0.2)
        result = judge.get_result(submission)
        return int(result.result), result.stdout, None
    except Exception as error:
        return str(error)


all_cases(run)
