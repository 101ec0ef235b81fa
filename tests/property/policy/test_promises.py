"""What the engine promises for every policy and every request."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import (
    AccessRequest,
    ContextValue,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.document import Effect
from rootsteward.policy.evaluate import compile_policies, evaluate
from rootsteward.policy.explain import explain
from rootsteward.policy.json_reader import read_json
from rootsteward.policy.parse import PolicySyntaxError, parse_document
from rootsteward.policy.pattern import compile_glob, glob_tokens, utf16_units
from rootsteward.policy.settle import settle
from rootsteward.spec import judge

ACCOUNT = "111122223333"
PRINCIPALS = (
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:user/alice",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci",
)
ACTIONS = ("s3:GetObject", "s3:PutObject", "iam:GetUser")
RESOURCES = ("*", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key")
KEYS = ("aws:RequestedRegion", "aws:SourceIp", "aws:TagKeys", "aws:PrincipalArn")
VALUES = ("a", "A", "ab", "1", "01", "true", "192.0.2.1", "192.0.2.0/24", *PRINCIPALS[:2])
PATTERNS = (*VALUES, "a*", "?", "*", "arn:aws:iam::*:root", "${aws:username}", "${aws:SourceIp}")
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLikeIfExists",
    "NumericEquals",
    "NumericGreaterThan",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotLike",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
    "ForAllValues:StringNotEqualsIfExists",
)
NO_CONTEXT: dict[str, ContextValue] = {}

Json = dict[str, Any]


def _lists(choices: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(choices), min_size=1, max_size=3)


def _conditions() -> st.SearchStrategy[Json]:
    tests = st.dictionaries(st.sampled_from(KEYS), _lists(PATTERNS), min_size=1, max_size=2)
    null = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["true", "false"]), min_size=1)
    blocks = st.dictionaries(st.sampled_from(OPERATORS), tests, max_size=2)
    nulls: st.SearchStrategy[Json] = st.one_of(
        st.just({}), null.map(lambda values: {"Null": values})
    )
    return st.tuples(blocks, nulls).map(lambda pair: {**pair[0], **pair[1]})


def _statements(*effects: str) -> st.SearchStrategy[Json]:
    actions = _lists((*ACTIONS, "*", "s3:*", "iam:Get?ser"))
    resources = _lists((*RESOURCES, "arn:aws:s3:::*", "arn:aws:s3:::${aws:username}"))
    return st.builds(
        lambda effect, action, no, resource, condition: {
            "Effect": effect,
            "NotAction" if no else "Action": action,
            "Resource": resource,
            "Condition": condition,
        },
        st.sampled_from(effects),
        actions,
        st.booleans(),
        resources,
        _conditions(),
    )


def _text(statements: list[Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _documents() -> st.SearchStrategy[NamedDocument]:
    full = st.just({"Effect": "Allow", "Action": "*", "Resource": "*"})
    any_statement = st.one_of(full, _statements("Allow", "Deny"))
    lists = st.lists(any_statement, min_size=1, max_size=3)
    return lists.map(lambda statements: NamedDocument("p", _text(statements)))


def _policy_sets() -> st.SearchStrategy[PolicySet]:
    documents = _documents()
    levels = st.lists(
        st.lists(documents, min_size=1, max_size=2).map(lambda d: Level("l", tuple(d))),
        min_size=1,
        max_size=2,
    )
    return st.builds(
        PolicySet,
        scp_levels=st.one_of(st.none(), levels.map(tuple)),
        task_policy=st.one_of(st.none(), documents),
        session_policies=st.one_of(st.none(), st.tuples(documents)),
        identity_policies=st.lists(documents, max_size=2).map(tuple),
        permissions_boundary=st.one_of(st.none(), documents),
    )


def _contexts() -> st.SearchStrategy[dict[str, ContextValue]]:
    single = st.sampled_from(VALUES)
    several = st.lists(single, max_size=2).map(tuple)
    given_keys = st.sampled_from(KEYS[:3])
    return st.dictionaries(given_keys, st.one_of(single, several), max_size=3)


def _requests(
    contexts: st.SearchStrategy[dict[str, ContextValue]],
) -> st.SearchStrategy[AccessRequest]:
    return st.builds(
        AccessRequest,
        principal=st.sampled_from(PRINCIPALS),
        action=st.sampled_from(ACTIONS),
        resource=st.sampled_from(RESOURCES),
        context=contexts,
    )


@settings(max_examples=150, deadline=None)
@given(_requests(_contexts()), _policy_sets())
def test_explain_agrees_with_evaluate(request: AccessRequest, policies: PolicySet) -> None:
    answer = evaluate(request, policies)
    explanation = explain(request, policies)
    denying = [node.by for node in explanation.matching(Effect.DENY)]

    assert explanation.answer == answer
    # WHY: no resource policy takes part here, so every Deny that applies decides.
    assert (answer.decision is Decision.EXPLICIT_DENY) == bool(denying)
    assert answer.decision is not Decision.EXPLICIT_DENY or answer.by[0] in denying


@settings(max_examples=150, deadline=None)
@given(_requests(_contexts()), _policy_sets(), _statements("Allow"))
def test_adding_an_allow_never_turns_allow_into_deny(
    request: AccessRequest, policies: PolicySet, allow: Json
) -> None:
    more = NamedDocument("more", _text([allow]))
    wider = PolicySet(
        scp_levels=policies.scp_levels
        and tuple(Level(lv.entity, (*lv.documents, more)) for lv in policies.scp_levels),
        task_policy=policies.task_policy,
        session_policies=policies.session_policies and (*policies.session_policies, more),
        identity_policies=(*policies.identity_policies, more),
        permissions_boundary=policies.permissions_boundary,
    )

    if evaluate(request, policies).decision is Decision.ALLOWED:
        assert evaluate(request, wider).decision is Decision.ALLOWED


@settings(max_examples=150, deadline=None)
@given(_requests(_contexts()), _policy_sets(), _statements("Deny"))
def test_adding_a_deny_never_turns_deny_into_allow(
    request: AccessRequest, policies: PolicySet, deny: Json
) -> None:
    more = NamedDocument("more", _text([deny]))
    narrower = PolicySet(
        scp_levels=policies.scp_levels,
        task_policy=policies.task_policy,
        session_policies=policies.session_policies,
        identity_policies=(*policies.identity_policies, more),
        permissions_boundary=policies.permissions_boundary,
    )

    if evaluate(request, policies).decision is not Decision.ALLOWED:
        assert evaluate(request, narrower).decision is not Decision.ALLOWED


def _completions(keys: tuple[str, ...]) -> list[dict[str, ContextValue]]:
    choices: tuple[ContextValue, ...] = ((), *VALUES[:6], "192.0.2.9", ("a", "zz"))
    return [
        dict(zip(keys, values, strict=True))
        for values in itertools.product(choices, repeat=len(keys))
    ]


@settings(max_examples=120, deadline=None)
@given(
    _requests(st.just(NO_CONTEXT)),
    _policy_sets(),
    st.sampled_from([KEYS[:1], KEYS[1:2], KEYS[:2], KEYS[2:3]]),
)
def test_every_completion_of_the_unknown_gives_the_answer_that_was_certain(
    request: AccessRequest, policies: PolicySet, unknown: tuple[str, ...]
) -> None:
    compiled = compile_policies(policies)
    asked = AccessRequest(
        request.principal, request.action, request.resource, {}, frozenset(unknown)
    )
    answer = compiled.decide(asked)
    if answer.decision is Decision.DEPENDS:
        assert answer.depends_on
        return
    completed = {
        compiled.decide(AccessRequest(asked.principal, asked.action, asked.resource, c)).decision
        for c in _completions(unknown)
    }
    denied = {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY}
    if answer.decision is Decision.IMPLICIT_DENY:
        assert completed <= denied
    else:
        assert completed == {answer.decision}


LEGAL: dict[str, tuple[ContextValue, ...]] = {
    "aws:RequestedRegion": ("a", "ab", "zz"),
    "aws:SourceIp": ((), "192.0.2.1", "192.0.2.9", "203.0.113.1", "2001:db8::1"),
    "aws:TagKeys": ((), ("a",), ("A", "ab"), ("zz", "a", "1"), ("01", "true")),
}


@settings(max_examples=120, deadline=None)
@given(
    _requests(st.just(NO_CONTEXT)),
    _policy_sets(),
    st.lists(st.sampled_from(sorted(LEGAL)), min_size=1, max_size=2, unique=True),
)
def test_what_is_settled_holds_for_every_legal_completion(
    request: AccessRequest, policies: PolicySet, unknown: list[str]
) -> None:
    open_request = replace(request, unknown_keys=frozenset(unknown))
    settled = settle(open_request, policies)
    outcomes: dict[tuple[ContextValue, ...], bool] = {}
    for values in itertools.product(*(LEGAL[key] for key in unknown)):
        known = replace(request, context=dict(zip(unknown, values, strict=True)))
        outcomes[values] = judge(known, policies).decision is Decision.ALLOWED

    assert set(settled.answer.depends_on) <= set(unknown)
    for values, other in itertools.product(outcomes, repeat=2):
        same = all(
            values[i] == other[i]
            for i, key in enumerate(unknown)
            if key in settled.answer.depends_on
        )
        assert not same or outcomes[values] == outcomes[other]
    for completion in settled.deciding:
        filled = {key: () if value is None else value for key, value in completion.values}
        others = {key: LEGAL[key][0] for key in unknown if key not in filled}
        known = replace(request, context={**filled, **others})
        allowed = completion.answer.decision is Decision.ALLOWED
        assert (judge(known, policies).decision is Decision.ALLOWED) == allowed


SEED_TEXT = _text(
    [
        {
            "Sid": "S",
            "Effect": "Deny",
            "NotAction": ["iam:*"],
            "Resource": "*",
            "Condition": {"Null": {"aws:AssumedRoot": "true"}, "Bool": {"k": [True, 1.5, None]}},
        }
    ]
)


def _refusal(read: Callable[[], object]) -> PolicySyntaxError | None:
    """How the text was refused; None when it was read. Any other error is a failure."""
    try:
        read()
    except PolicySyntaxError as error:
        return error
    return None


SPLICES = (
    "",
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\",
    "\\ud800",
    "\x00",
    "null",
    "é",
    "\U00010400",
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(SEED_TEXT)),
            st.integers(0, 12),
            st.one_of(st.sampled_from(SPLICES), st.text(max_size=5)),
        ),
        max_size=4,
    ),
    st.sampled_from(list(PolicyType)),
)
def test_a_mutated_document_is_read_or_refused_and_nothing_else(
    edits: list[tuple[int, int, str]], policy_type: PolicyType
) -> None:
    text = SEED_TEXT
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
    refused = _refusal(lambda: parse_document(text, policy_type=policy_type))

    if refused is not None:
        lines = text.split("\n")
        assert 1 <= refused.line <= len(lines)
        assert 1 <= refused.column <= len(lines[refused.line - 1]) + 1


@settings(max_examples=300, deadline=None)
@given(st.text())
@example("\ufeff{}")
@example("[1e999999999999]")
def test_any_text_is_read_as_json_or_refused(text: str) -> None:
    refused = _refusal(lambda: read_json(text))

    assert refused is None or refused.expected


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=12,
    )
)
def test_whatever_json_can_write_can_be_read(value: object) -> None:
    for ensure_ascii in (True, False):
        text = json.dumps(value, ensure_ascii=ensure_ascii, indent=1)
        node = read_json(text)
        assert (node.start, node.end) == (0, len(text))


def _slow_match(pattern: str, text: str) -> bool:
    """The definition of a glob, by dynamic programming."""
    reachable = {0}
    for token in glob_tokens(pattern):
        for character in token if isinstance(token, str) else (token.value,):
            if isinstance(token, str):
                reachable = {i + 1 for i in reachable if text[i : i + 1] == character}
            elif character == "?":
                reachable = {i + 1 for i in reachable if i < len(text)}
            else:
                reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
    return len(text) in reachable


@settings(max_examples=500, deadline=None)
@given(st.text("ab*?", max_size=8), st.text("ab\n\U00010400", max_size=8))
def test_a_glob_matches_as_its_definition_says(pattern: str, text: str) -> None:
    assert compile_glob(pattern)(text) is _slow_match(pattern, utf16_units(text))
