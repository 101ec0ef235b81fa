"""Whatever is asked in whatever order: the sandbox answers, and what it did can be read again."""

import json
from datetime import UTC, datetime
from itertools import chain

import pytest

from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.saved_worlds import restored, saved
from rootsteward.sandbox.scenarios.load import load_scenario
from sandbox_fuzz import Case, trouble_with
from sandbox_plausible import Caller

REQUESTS = 1200
_FEWEST_ANSWERED = 30


@pytest.mark.parametrize("seed", range(4))
def test_requests_that_mean_something_never_fail_inside(seed: int) -> None:
    sandbox = Sandbox(load_scenario("article", now=lambda: datetime.now(UTC)))
    caller = Caller(sandbox.world, seed)
    troubles = []
    answered = 0
    # WHY lazily: each request is made of what the answers before it said.
    made_up = (caller.request() for _ in range(REQUESTS))
    for operation, request in chain(caller.first_requests(), made_up, caller.history_requests()):
        answer = sandbox.handle(request)
        caller.learn(operation, answer)
        answered += answer.status == 200
        trouble = trouble_with(Case("", operation.service_model.service_name, request), answer)
        if trouble:
            troubles.append(f"{operation.name}: {trouble}")
    assert troubles == []
    assert answered >= _FEWEST_ANSWERED
    text = saved(sandbox.world)
    again = saved(restored(text, SandboxClock()))
    assert json.loads(again)["world"] == json.loads(text)["world"]
