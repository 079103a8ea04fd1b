"""ultra-piston: checks each answer against its own models."""

import httpx
from ultra_piston import File, PistonClient

from common import *
from piston_cases import all_cases

client = PistonClient(base_url=BASE + "/api/v2/", rate_limit=0, api_key="not-a-key")
case("connect")
runtimes = client.get_runtimes()
same([runtime.language for runtime in runtimes], ["python", "javascript", "c", "c++"])


def run(language, version, code, **rest):
    try:
        return client.post_execute(language, version, File(content=code), **rest).run.model_dump()
    except Exception as error:
        return str(error) or type(error).__name__


all_cases(run)
case("slow")
# Its own patience is five seconds; the run that it then gives up is stopped, and is not sent again.
within("imed out", run("python", "*", SLOW, run_timeout=9000))
