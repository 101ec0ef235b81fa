"""Promises of the prover, on small chains made of near misses."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import AccessRequest, Decision, Level, NamedDocument
from rootsteward.policy.prove.api import (
    prove_always_allowed,
    prove_closes_nothing,
    prove_equivalent,
    prove_never_allowed,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proved, Refuted, Unknown
from rootsteward.policy.prove.rcp_coverage import COVERED
from rootsteward.policy.prove.request_set import RequestSet
from rootsteward.policy.prove.witness import replay

ACTIONS = ("*", "iam:*", "iam:Get*", "iam:GetUser", "iam:*User", "s3:*", "s3:GetObject", "s*")
RESOURCES = ("*", "arn:aws:s3:::example-*", "arn:aws:s3:::example-bucket", "arn:aws:iam::*:root")
ROOT = "arn:aws:iam::*:root"
TESTS: tuple[dict[str, Any], ...] = (
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
    {"ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Admin*", "arn:aws:iam::*:root"]}},
    {"StringLike": {"aws:PrincipalArn": "*:root"}},
    {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
    {"Null": {"aws:AssumedRoot": "true"}},
    {"Bool": {"aws:AssumedRoot": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"IpAddressIfExists": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/28"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-*/r-*/ou-a/*"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "env"]}},
    {"StringEquals": {"aws:PrincipalType": "Account"}},
    {"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}},
    {"DateGreaterThanEquals": {"aws:CurrentTime": ["2026-06-01T00:00:00Z", "1798761600"]}},
    {"NumericGreaterThanEquals": {"s3:max-keys": ["10", "2.5"]}},
    {"NumericNotEqualsIfExists": {"s3:max-keys": "10"}},
    {"ForAnyValue:StringNotLike": {"aws:TagKeys": "t*"}},
    {"StringLike": {"aws:TagKeys": "t*"}},
    {"NumericLessThan": {"aws:RequestTag/limit": "5"}},
    {"NumericGreaterThanEquals": {"aws:RequestTag/limit": "5"}},
    {"StringNotEquals": {"aws:username": "ann"}},
    {"StringLikeIfExists": {"aws:username": "a*"}},
    {"IpAddress": {"aws:SourceIp": ["2001:db8::/32", "203.0.113.0/25"]}},
    {"StringEqualsIgnoreCase": {"aws:RequestedRegion": "EU-West-1"}},
)
WITH_VARIABLES: tuple[dict[str, Any], ...] = (
    {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/${aws:PrincipalOrgID}", ROOT]}},
    {"ArnLike": {"aws:PrincipalArn": ["${aws:PrincipalOrgID}", "arn:aws:iam::*:role/Admin*"]}},
    {"StringNotLike": {"aws:PrincipalOrgID": ["${aws:PrincipalAccount}*", "o-*"]}},
    {"StringEquals": {"aws:PrincipalAccount": ["${aws:ResourceAccount}", "111122223333"]}},
)
OUTSIDER_TESTS: tuple[dict[str, Any], ...] = (
    {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
    {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    {"Null": {"aws:PrincipalOrgID": "true"}},
    {"StringEquals": {"aws:PrincipalType": "Anonymous"}},
)
SOME_OF = {"min_size": 1, "max_size": 2}


def merged(tests: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for test in tests:
        for operator, keys in test.items():
            found.setdefault(operator, {}).update(keys)
    return found


def lists(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


STATEMENTS = st.builds(
    lambda effect, action, resource, negated, tests: {
        "Effect": effect,
        ("NotAction" if negated else "Action"): action,
        "Resource": resource,
        **({"Condition": merged(tests)} if tests else {}),
    },
    st.sampled_from(["Deny", "Deny", "Allow"]),
    lists(ACTIONS),
    lists(RESOURCES),
    st.booleans(),
    st.lists(st.sampled_from((*TESTS, *TESTS, *WITH_VARIABLES)), max_size=2),
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=3).map(
    lambda statements: json.dumps({"Version": "2012-10-17", "Statement": statements})
)


def chain_of(
    texts: tuple[str, ...], rcps: tuple[str, ...] | None = None, *, full_access: bool
) -> Chain:
    beside = (FULL_ACCESS,) if full_access else ()
    return Chain.read(
        tuple(
            Level(f"level-{i}", (*beside, NamedDocument(f"policy-{i}", text)))
            for i, text in enumerate(texts)
        ),
        rcp_levels=None
        if rcps is None
        else tuple(Level(f"r-{i}", (NamedDocument(f"rcp-{i}", t),)) for i, t in enumerate(rcps)),
    )


RCP_STATEMENTS = st.builds(
    lambda action, resource, principal, tests: {
        "Effect": "Deny",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        **({"Condition": merged(tests)} if tests else {}),
    },
    lists(("iam:GetUser", "s3:*", "s3:Get*", "s3:GetObject", "s3:List*", "sqs:*")),
    lists(RESOURCES),
    st.sampled_from(["*", {"AWS": "*"}]),
    st.lists(st.sampled_from((*TESTS, *OUTSIDER_TESTS)), max_size=2),
)
RCPS = st.lists(RCP_STATEMENTS, min_size=1, max_size=2).map(
    lambda statements: json.dumps({"Version": "2012-10-17", "Statement": statements})
)
CHAINS = st.builds(
    lambda texts, full_access, rcps: chain_of(tuple(texts), rcps, full_access=full_access),
    st.lists(DOCUMENTS, min_size=1, max_size=2),
    st.booleans(),
    st.none() | st.none() | st.lists(RCPS, max_size=2).map(tuple),
)
ACCOUNT = "111122223333"
PRINCIPALS = st.sampled_from(
    [
        (
            f"arn:aws:iam::{ACCOUNT}:root",
            {"aws:AssumedRoot": "true", "aws:MultiFactorAuthPresent": "false"},
        ),
        (f"arn:aws:iam::{ACCOUNT}:root", {}),
        ("arn:aws:iam::444455556666:root", {}),
        (f"arn:aws:iam::{ACCOUNT}:role/AdminOne", {}),
        (f"arn:aws:iam::{ACCOUNT}:role/Other", {"aws:MultiFactorAuthPresent": "true"}),
        (f"arn:aws:iam::{ACCOUNT}:user/ann", {}),
        ("cloudtrail.amazonaws.com", {"aws:PrincipalIsAWSService": "true"}),
        ("anonymous", {"aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}),
    ]
)
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "aws:PrincipalOrgID": st.sampled_from(["o-exampleorg1", "o-other"]),
    "aws:SourceIp": st.sampled_from(["203.0.113.1", "203.0.113.200", "10.1.1.1", "8.8.8.8"]),
    "aws:CurrentTime": st.sampled_from(["2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z"]),
    "aws:RequestTag/limit": st.sampled_from(["3", "5", "none", ""]),
    "s3:max-keys": st.sampled_from(["2", "2.5", "5", "10", "11"]),
    "aws:ResourceAccount": st.sampled_from(["111122223333", "444455556666"]),
    "aws:MultiFactorAuthAge": st.sampled_from(["60", "3600", "7200"]),
    "aws:PrincipalOrgPaths": st.sampled_from([("o-x/r-y/ou-a/ou-b/",), ("o-x/r-y/ou-c/",)]),
    "aws:TagKeys": st.sampled_from([("team",), ("team", "cost"), ("cost",), ("team", "tier")]),
}
REQUESTS = st.builds(
    lambda who, action, resource, region, context: AccessRequest(
        who[0], action, resource, {"aws:RequestedRegion": region, **context, **who[1]}
    ),
    PRINCIPALS,
    st.sampled_from(
        [
            "iam:GetUser",
            "iam:GetRole",
            "iam:CreateUser",
            "s3:GetObject",
            "sqs:ListQueues",
            "ec2:RunInstances",
        ]
    ),
    st.sampled_from(
        [
            "*",
            "arn:aws:s3:::example-bucket",
            "arn:aws:s3:::example-x",
            "arn:aws:iam::111122223333:root",
        ]
    ),
    st.sampled_from(["eu-west-1", "us-east-1", "ap-southeast-2"]),
    st.fixed_dictionaries({}, optional=KEYS),
)
MANY_REQUESTS = st.lists(REQUESTS, min_size=10, max_size=40)
UNHURRIED = settings(deadline=None, max_examples=60)


def allows(chain: Chain, request: AccessRequest) -> bool:
    return replay(request, chain).decision is Decision.ALLOWED


def has_guesses(chain: Chain) -> bool:
    """Whether something in a chain is opaque to the prover."""
    texts = [d.text for level in chain.levels or () for d in level.documents]
    return chain.rcp_levels is not None or any("${" in text for text in texts)


def is_outsider(request: AccessRequest) -> bool:
    return not request.principal.startswith("arn:")


def asked_about(request: AccessRequest, *chains: Chain) -> bool:
    """Whether a proof about the chains speaks of the request (docs/proof.md)."""
    if not is_outsider(request):
        return True
    impossible = {"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:MultiFactorAuthAge"}
    by_rcps = any(chain.rcp_levels is not None for chain in chains)
    covered = request.action.lower() in COVERED
    return by_rcps and covered and impossible.isdisjoint(request.context)


@UNHURRIED
@given(CHAINS, CHAINS, MANY_REQUESTS)
def test_what_is_proved_closed_by_nothing_is_closed_for_no_request(
    before: Chain, after: Chain, requests: list[AccessRequest]
) -> None:
    proof = prove_closes_nothing(before, after)
    if not has_guesses(before) and not has_guesses(after):
        assert not isinstance(proof, Unknown)
    if isinstance(proof, Proved):
        asked = [r for r in requests if asked_about(r, before, after)]
        assert not [r for r in asked if allows(before, r) and not allows(after, r)]


@UNHURRIED
@given(CHAINS, CHAINS)
def test_a_witness_really_differs(before: Chain, after: Chain) -> None:
    proof = prove_opens_nothing_else(before, after, RequestSet.root_sessions())
    if isinstance(proof, Refuted):
        assert allows(after, proof.witness)
        assert not allows(before, proof.witness)
        assert "aws:AssumedRoot" not in proof.witness.context


@UNHURRIED
@given(CHAINS, MANY_REQUESTS)
def test_never_and_always_agree_with_every_request(
    chain: Chain, requests: list[AccessRequest]
) -> None:
    everything = RequestSet.everything()
    if isinstance(prove_never_allowed(chain, everything), Proved):
        assert not [r for r in requests if asked_about(r, chain) and allows(chain, r)]
    if isinstance(prove_always_allowed(chain, everything), Proved):
        assert all(allows(chain, r) for r in requests if asked_about(r, chain))


@UNHURRIED
@given(CHAINS, CHAINS)
def test_equivalence_is_symmetric(one: Chain, other: Chain) -> None:
    verdicts = {prove_equivalent(one, other).verdict, prove_equivalent(other, one).verdict}
    opaque = has_guesses(one) or has_guesses(other)
    assert len(verdicts) == 1 or (opaque and "proved" not in verdicts)


@UNHURRIED
@given(CHAINS)
def test_every_chain_is_equivalent_to_itself(chain: Chain) -> None:
    assert isinstance(prove_equivalent(chain, chain), Proved)


@UNHURRIED
@given(CHAINS, CHAINS, CHAINS)
def test_closing_nothing_can_be_chained(a: Chain, b: Chain, c: Chain) -> None:
    first, second = prove_closes_nothing(a, b), prove_closes_nothing(b, c)
    if isinstance(first, Proved) and isinstance(second, Proved):
        assert isinstance(prove_closes_nothing(a, c), Proved)


@UNHURRIED
@given(CHAINS)
def test_no_representative_of_a_certificate_contradicts_it(chain: Chain) -> None:
    proof = prove_never_allowed(chain, RequestSet.everything())
    if isinstance(proof, Proved):
        assert not [r for r in proof.certificate if allows(chain, r)]


@UNHURRIED
@given(CHAINS, REQUESTS)
def test_a_request_that_is_allowed_is_found(chain: Chain, request: AccessRequest) -> None:
    if allows(chain, request) and asked_about(request, chain):
        found = prove_never_allowed(chain, RequestSet.of_actions((request.action,)))
        assert isinstance(found, Refuted) or (has_guesses(chain) and isinstance(found, Unknown))


@UNHURRIED
@given(CHAINS, REQUESTS)
def test_a_request_that_is_denied_is_found(chain: Chain, request: AccessRequest) -> None:
    if not allows(chain, request) and asked_about(request, chain):
        found = prove_always_allowed(chain, RequestSet.of_actions((request.action,)))
        assert isinstance(found, Refuted) or (has_guesses(chain) and isinstance(found, Unknown))
