"""What the specification promises for every request and every set of policies."""

import json
import re
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
from rootsteward.spec import judge
from rootsteward.spec.document import parse
from rootsteward.spec.pattern import fits, plain_tokens, utf16_units
from rootsteward.spec.values import fold_case

ACCOUNT = "111111111111"
PRINCIPALS = (
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:user/ana",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ana",
)
ACTIONS = ("iam:GetUser", "iam:ListAccessKeys", "s3:DeleteBucketPolicy")
PATTERNS = ("*", "iam:*", "iam:Get*", "s3:*", "s3:?eleteBucketPolicy", "iam:ListAccessKeys")
RESOURCES = ("*", f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:s3:::bucket")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
    {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
    {"Null": {"aws:AssumedRoot": "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"StringNotEqualsIfExists": {"aws:RequestedRegion": ["eu-west-1"]}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}},
    {"ArnNotLike": {"aws:PrincipalArn": ["nonsense"]}},
    {"Unheard": {"aws:SourceIp": "x"}},
)
DECIDED = {Decision.ALLOWED, Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.UNDETERMINED}
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY_ALL = ALLOW_ALL | {"Effect": "Deny"}
few = settings(max_examples=50, deadline=None)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    action, resource = draw(st.sampled_from(("Action", "NotAction"))), "Resource"
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        action: draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
        resource: draw(st.sampled_from(RESOURCES)),
        "Condition": draw(st.sampled_from(CONDITIONS)),
    }


def documents() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(statements(), max_size=3)


def named(given_statements: list[dict[str, Any]]) -> NamedDocument:
    return NamedDocument("p", json.dumps({"Version": "2012-10-17", "Statement": given_statements}))


@st.composite
def requests(draw: st.DrawFn) -> AccessRequest:
    context: dict[str, ContextValue] = draw(
        st.fixed_dictionaries(
            {},
            optional={  # keys that conditions above ask for
                "aws:SecureTransport": st.sampled_from(("true", "false")),
                "aws:RequestedRegion": st.sampled_from(("eu-west-1", "us-east-1")),
                "aws:TagKeys": st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
            },
        )
    )
    principal, action = draw(st.sampled_from(PRINCIPALS)), draw(st.sampled_from(ACTIONS))
    return AccessRequest(principal, action, draw(st.sampled_from(RESOURCES)), context)


def chain(levels: list[list[dict[str, Any]]], identity: list[dict[str, Any]]) -> PolicySet:
    return PolicySet(
        scp_levels=tuple(Level(f"level-{i}", (named(s),)) for i, s in enumerate(levels)),
        identity_policies=(named(identity),),
    )


chains = st.lists(documents(), min_size=1, max_size=3)


@few
@given(requests(), chains, documents(), st.data())
def test_a_deny_at_any_level_ends_the_question(
    request: AccessRequest,
    levels: list[list[dict[str, Any]]],
    identity: list[dict[str, Any]],
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(levels) - 1))
    levels[at].append(DENY_ALL)
    answer = judge(request, chain(levels, identity))
    assert answer.decision is Decision.EXPLICIT_DENY
    assert any(by.level == f"level-{at}" for by in answer.by)


@few
@given(requests(), chains, documents(), statements(), st.data())
def test_adding_an_allow_never_turns_allow_into_deny(
    request: AccessRequest,
    levels: list[list[dict[str, Any]]],
    identity: list[dict[str, Any]],
    added: dict[str, Any],
    data: st.DataObject,
) -> None:
    before = judge(request, chain(levels, identity)).decision
    data.draw(st.sampled_from([*levels, identity])).append(added | {"Effect": "Allow"})
    after = judge(request, chain(levels, identity)).decision
    if before is not Decision.IMPLICIT_DENY:
        assert after is before or (before, after) == (Decision.UNDETERMINED, Decision.ALLOWED)
    assert after is not Decision.EXPLICIT_DENY or before is Decision.EXPLICIT_DENY


@few
@given(requests(), chains, documents(), statements(), st.data())
def test_adding_a_deny_never_turns_a_deny_into_an_allow(
    request: AccessRequest,
    levels: list[list[dict[str, Any]]],
    identity: list[dict[str, Any]],
    added: dict[str, Any],
    data: st.DataObject,
) -> None:
    before = judge(request, chain(levels, identity)).decision
    data.draw(st.sampled_from([*levels, identity])).append(added | {"Effect": "Deny"})
    after = judge(request, chain(levels, identity)).decision
    assert after is not Decision.ALLOWED or before is Decision.ALLOWED
    assert before is not Decision.EXPLICIT_DENY or after is Decision.EXPLICIT_DENY


@few
@given(requests(), chains, documents())
def test_the_order_of_statements_does_not_matter(
    request: AccessRequest, levels: list[list[dict[str, Any]]], identity: list[dict[str, Any]]
) -> None:
    turned = [list(reversed(level)) for level in levels]
    there = judge(request, chain(levels, identity)).decision
    assert judge(request, chain(turned, identity[::-1])).decision is there


@few
@given(requests(), chains, documents())
def test_the_case_of_actions_and_keys_does_not_matter(
    request: AccessRequest, levels: list[list[dict[str, Any]]], identity: list[dict[str, Any]]
) -> None:
    shouted = AccessRequest(
        request.principal,
        request.action.upper(),
        request.resource,
        {key.upper(): value for key, value in request.context.items()},
    )
    policies = chain(levels, identity)
    assert judge(shouted, policies) == judge(request, policies)


@few
@given(requests(), chains, documents(), documents())
def test_a_root_user_can_never_do_more_under_a_task_policy(
    request: AccessRequest,
    levels: list[list[dict[str, Any]]],
    identity: list[dict[str, Any]],
    task: list[dict[str, Any]],
) -> None:
    free = chain(levels, identity)
    with_key = AccessRequest(
        request.principal,
        request.action,
        request.resource,
        # The session's own keys, so that only the task policy differs.
        dict(request.context)
        | {"aws:AssumedRoot": "true", "aws:TokenIssueTime": "2026-01-01T00:00:00Z"}
        | {"aws:MultiFactorAuthPresent": "false"},
    )
    session = PolicySet(
        free.scp_levels, task_policy=named(task), identity_policies=free.identity_policies
    )
    if judge(with_key, session).decision is Decision.ALLOWED:
        assert judge(with_key, free).decision is Decision.ALLOWED


@few
@given(requests(), chains, documents())
def test_every_answer_has_a_reason_and_every_refusal_somebody_to_blame(
    request: AccessRequest, levels: list[list[dict[str, Any]]], identity: list[dict[str, Any]]
) -> None:
    answer = judge(request, chain(levels, identity))
    assert answer.decision in DECIDED
    assert answer.why
    assert answer.by or answer.decision is Decision.ALLOWED


@few
@given(
    st.text(alphabet="ab*?:\U0001f600", max_size=12), st.text(alphabet="ab:\U0001f600", max_size=12)
)
@example("*ab", "aab")
@example("a*a", "a")
def test_a_glob_matches_what_the_regular_expression_matches(pattern: str, text: str) -> None:
    wild = {"*": ".*", "?": "."}
    expression = "".join(wild.get(c, re.escape(c)) for c in utf16_units(pattern))
    units = utf16_units(text)
    expected = re.fullmatch(expression, units, re.DOTALL) is not None
    assert fits(text, plain_tokens(pattern)) == expected


@few
@given(st.text(max_size=20))
@example("\u0130\u03a3")
def test_folding_twice_is_folding_once_in_the_basic_plane(text: str) -> None:
    assert fold_case(fold_case(text)) == fold_case(text)
    assert [c for c in fold_case(text) if c > "\uffff"] == [c for c in text if c > "\uffff"]


@few
@given(st.text(max_size=60) | documents().map(lambda s: named(s).text[:-1]))
def test_reading_never_raises_and_what_it_cannot_read_it_says(text: str) -> None:
    for policy_type in PolicyType:
        assert parse(text, policy_type).troubles()
