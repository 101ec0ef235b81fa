"""No request takes the sandbox down, and every refusal is one that a client can read."""

from collections import Counter
from datetime import UTC, datetime

from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.wire.http import HttpResponse
from sandbox_fuzz import Case, Fuzzer, trouble_with

REQUESTS = 1500


def test_malformed_requests_get_errors_in_aws_shapes() -> None:
    sandbox = Sandbox(load_scenario("article", now=lambda: datetime.now(UTC)))
    fuzzer = Fuzzer(sandbox.world, seed=7)
    families: Counter[int] = Counter()
    troubles = []
    for number in range(REQUESTS):
        case = fuzzer.case()
        answer = sandbox.handle(case.request)
        trouble = trouble_with(case, answer)
        if trouble:
            troubles.append(f"{number} {case.label}: {trouble}")
        families[answer.status // 100] += 1
    assert troubles == []
    assert sandbox.handle(fuzzer.sound()).status == 200
    assert families[4] > REQUESTS / 2
    assert families[2] > 0


def test_the_check_itself_finds_what_no_client_could_read() -> None:
    case = Case(
        "", "iam", Fuzzer(load_scenario("article", now=lambda: datetime.now(UTC)), 1).sound()
    )
    json_type = (("Content-Type", "application/x-amz-json-1.1"),)
    assert trouble_with(case, HttpResponse(400, (), b"oops"))
    assert trouble_with(case, HttpResponse(400, json_type, b"{}"))
    assert trouble_with(case, HttpResponse(500, json_type, b'{"__type": "InternalFailure"}'))
    assert not trouble_with(case, HttpResponse(400, json_type, b'{"__type": "a#BadThing"}'))
