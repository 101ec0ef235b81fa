"""Every vector holds in every voice: `spec`, and the engine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    DecidedBy,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.evaluate import evaluate
from rootsteward.spec import judge

Voice = Callable[[AccessRequest, PolicySet], Answer]
VOICES: dict[str, Voice] = {"spec": judge, "engine": evaluate}
VECTORS: list[dict[str, Any]] = [
    vector
    for path in sorted(Path(__file__).parent.glob("*.json"))
    for vector in json.loads(path.read_text())
]


def request_of(raw: dict[str, Any]) -> AccessRequest:
    context: dict[str, ContextValue] = {
        key: value if isinstance(value, str) else tuple(value)
        for key, value in raw["context"].items()
    }
    return AccessRequest(raw["principal"], raw["action"], raw["resource"], context)


def document(raw: dict[str, Any]) -> NamedDocument:
    return NamedDocument(raw["name"], json.dumps(raw["document"]))


def documents(raw: list[dict[str, Any]]) -> tuple[NamedDocument, ...]:
    return tuple(document(each) for each in raw)


def levels(raw: list[dict[str, Any]] | None) -> tuple[Level, ...] | None:
    if raw is None:
        return None
    return tuple(Level(each["entity"], documents(each["documents"])) for each in raw)


def policies_of(raw: dict[str, Any]) -> PolicySet:
    single = {
        name: document(raw[name])
        for name in ("task_policy", "permissions_boundary", "resource_policy")
        if name in raw
    }
    sessions = raw.get("session_policies")
    return PolicySet(
        scp_levels=levels(raw.get("scp_levels")),
        rcp_levels=levels(raw.get("rcp_levels")),
        session_policies=None if sessions is None else documents(sessions),
        identity_policies=documents(raw.get("identity_policies", [])),
        **single,
    )


def without_place(by: DecidedBy) -> DecidedBy:
    return DecidedBy(by.policy_type, by.level, by.policy, by.statement_index, by.sid)


def statements_of(vector: dict[str, Any]) -> list[DecidedBy]:
    return [DecidedBy(PolicyType(by.pop("policy_type")), **by) for by in map(dict, vector["by"])]


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector_is_decided_as_written(vector: dict[str, Any], voice: str) -> None:
    answer = VOICES[voice](request_of(vector["request"]), policies_of(vector["policies"]))
    assert answer.decision is Decision(vector["decision"])
    # Which Allows are worth naming is each voice's own choice; who is to blame is not.
    if answer.decision is not Decision.ALLOWED:
        assert without_place(answer.by[0]) == statements_of(vector)[0]
    assert answer.why
    assert "\n" not in answer.why


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_specification_names_every_statement_behind_its_answer(vector: dict[str, Any]) -> None:
    answer = judge(request_of(vector["request"]), policies_of(vector["policies"]))
    assert list(answer.by) == statements_of(vector)


def test_no_two_vectors_share_a_name() -> None:
    names = [vector["name"] for vector in VECTORS]
    assert len(names) == len(set(names))


def test_every_vector_is_filed_under_its_family() -> None:
    for path in sorted(Path(__file__).parent.glob("*.json")):
        for vector in json.loads(path.read_text()):
            assert vector["name"].startswith(f"{path.stem}/")
