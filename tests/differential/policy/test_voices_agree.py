"""The engine and the executable specification give the same answers."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import (
    Answer,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import evaluate

BULK = 20_000


def _load_fuzz_voices() -> ModuleType:
    """The generator lives in `bench/`, where `make fuzz` runs it for hours."""
    path = Path(__file__).resolve().parents[3] / "bench" / "fuzz_voices.py"
    spec = importlib.util.spec_from_file_location("fuzz_voices", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_voices"] = module
    spec.loader.exec_module(module)
    return module


fuzz_voices = _load_fuzz_voices()


@pytest.mark.slow
def test_the_voices_agree_on_generated_organizations() -> None:
    tally = fuzz_voices.compare(fuzz_voices.questions(BULK, seed=20_261_123))

    assert tally.disagreements == []
    assert tally.compared == BULK
    # A generator that only ever draws one decision would agree about nothing.
    assert all(
        tally.decisions[d] > BULK // 100 for d in ("allowed", "explicit_deny", "implicit_deny")
    )
    assert tally.decisions["undetermined"] > 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_voices_agree_in_any_world(seed: int) -> None:
    world = fuzz_voices.World(seed)

    tally = fuzz_voices.compare(world.questions(5))

    assert tally.disagreements == []


def test_the_voices_read_bent_documents_alike() -> None:
    """Whatever is unreadable for one voice is so for the other, and to the same extent."""
    world = fuzz_voices.World(20_261_126)
    full = NamedDocument("full", fuzz_voices.FULL_ACCESS)
    questions = []
    for number in range(4_000):
        kind = ("scp", "rcp", "own", "resource")[number % 4]
        bent = NamedDocument("bent", world.bent(world.document(kind)))
        policies = PolicySet(
            scp_levels=(Level("l", (full, bent)),) if kind == "scp" else None,
            rcp_levels=(Level("l", (bent,)),) if kind == "rcp" else None,
            identity_policies=(full, bent) if kind == "own" else (full,),
            resource_policy=bent if kind == "resource" else None,
        )
        questions.append(world.question(policies))

    tally = fuzz_voices.compare(iter(questions))

    assert tally.disagreements == []
    assert tally.decisions["undetermined"] > tally.compared // 3
    assert tally.decisions["undetermined"] < tally.compared - tally.compared // 20


def test_a_difference_is_seen() -> None:
    (question,) = fuzz_voices.questions(1, seed=3)
    answer = evaluate(question.request, question.policies)
    other = Decision.ALLOWED if answer.decision is not Decision.ALLOWED else Decision.DEPENDS

    assert fuzz_voices.difference(answer, answer) == ""
    assert fuzz_voices.difference(answer, Answer(other)) != ""
