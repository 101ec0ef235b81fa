"""The regions against z3, and every witness against both voices."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import AccessRequest, Decision, Level, NamedDocument
from rootsteward.policy.prove.api import prove_closes_nothing
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proved, Refuted, Unknown
from rootsteward.policy.prove.witness import policies_for, replay
from rootsteward.spec import judge

z3_prover = pytest.importorskip("rootsteward.policy.prove.z3_prover", reason="needs z3-solver")

ACTIONS = ("*", "iam:*", "iam:Get*", "iam:GetUser", "s3:*", "s3:*Object", "s*")
RESOURCES = ("*", "arn:aws:s3:::example-*", "arn:aws:iam::*:root")
TESTS: tuple[dict[str, Any], ...] = (
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin*"}},
    {"StringLike": {"aws:PrincipalArn": ["*:root", "*role/A*"]}},
    {"Null": {"aws:AssumedRoot": "true"}},
    {"Bool": {"aws:AssumedRoot": "true"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
    {"StringNotLike": {"aws:RequestedRegion": ["eu-*"]}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
    {"Null": {"aws:SourceVpc": "false"}},
    {"StringEquals": {"aws:PrincipalType": "Account"}},
)


def lists(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


STATEMENTS = st.builds(
    lambda effect, action, resource, negated, tests: {
        "Effect": effect,
        ("NotAction" if negated else "Action"): action,
        "Resource": resource,
        **({"Condition": {k: v for test in tests for k, v in test.items()}} if tests else {}),
    },
    st.sampled_from(["Deny", "Deny", "Deny", "Allow"]),
    lists(ACTIONS),
    lists(RESOURCES),
    st.booleans(),
    st.lists(st.sampled_from(TESTS), max_size=2),
)
CHAINS = st.lists(STATEMENTS, min_size=1, max_size=2).map(
    lambda statements: Chain.of(json.dumps({"Version": "2012-10-17", "Statement": statements}))
)
RCP_STATEMENTS = st.builds(
    lambda action, resource, tests: {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        **({"Condition": {k: v for test in tests for k, v in test.items()}} if tests else {}),
    },
    lists(("s3:*", "s3:GetObject", "sqs:*")),
    lists(RESOURCES),
    st.lists(
        st.sampled_from(
            (
                *TESTS,
                {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
                {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}},
                {"Null": {"aws:TokenIssueTime": "true"}},
            )
        ),
        max_size=2,
    ),
)
BOTH = st.builds(
    lambda scps, statements: Chain.read(
        scps.levels,
        rcp_levels=(
            Level(
                "r-1",
                (
                    NamedDocument(
                        "rcp", json.dumps({"Version": "2012-10-17", "Statement": statements})
                    ),
                ),
            ),
        ),
    ),
    CHAINS,
    st.lists(RCP_STATEMENTS, min_size=1, max_size=2),
)


def spec_says(request: AccessRequest, chain: Chain) -> Decision:
    return judge(request, policies_for(request, chain)).decision


@settings(deadline=None, max_examples=40)
@given(CHAINS, CHAINS)
def test_the_regions_and_z3_agree_where_both_answer(before: Chain, after: Chain) -> None:
    regions = prove_closes_nothing(before, after).verdict
    second = z3_prover.closes_nothing(before, after, resource_limit=2_000_000).value
    assert "unknown" in {regions, second} or regions == second


@settings(deadline=None, max_examples=80)
@given(CHAINS | BOTH, CHAINS | BOTH)
def test_both_voices_agree_with_every_witness(before: Chain, after: Chain) -> None:
    proof = prove_closes_nothing(before, after)
    if isinstance(proof, Refuted):
        assert replay(proof.witness, before).decision is Decision.ALLOWED
        assert spec_says(proof.witness, before) is Decision.ALLOWED
        assert spec_says(proof.witness, after) is not Decision.ALLOWED


@settings(deadline=None, max_examples=60)
@given(CHAINS | BOTH, CHAINS | BOTH)
def test_the_specification_confirms_every_certificate(before: Chain, after: Chain) -> None:
    proof = prove_closes_nothing(before, after)
    if isinstance(proof, Proved):
        for request in proof.certificate:
            closed = (
                spec_says(request, before) is Decision.ALLOWED
                and spec_says(request, after) is not Decision.ALLOWED
            )
            assert not closed


def test_z3_proves_and_refutes() -> None:
    def chain(action: str) -> Chain:
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        return Chain.of(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    assert z3_prover.closes_nothing(chain("iam:*"), chain("iam:GetUser")).value == "proved"
    assert z3_prover.closes_nothing(chain("iam:GetUser"), chain("iam:*")).value == "refuted"


def test_z3_says_unknown_of_rcps() -> None:
    full = (Level("r-1", (FULL_ACCESS,)),)
    over_it = Chain.read(full, rcp_levels=())
    assert z3_prover.closes_nothing(over_it, over_it).value == "unknown"
    assert z3_prover.closes_nothing(Chain.read(full), Chain.read(full)).value == "proved"


def test_z3_says_unknown_of_what_it_does_not_take() -> None:
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    odd = Chain.of(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert z3_prover.closes_nothing(odd, odd).value == "unknown"


@settings(deadline=None, max_examples=60)
@given(CHAINS | BOTH, CHAINS | BOTH)
def test_the_voices_never_disagree_about_a_candidate(before: Chain, after: Chain) -> None:
    proof = prove_closes_nothing(before, after)
    assert not (isinstance(proof, Unknown) and "fault of rootsteward" in proof.reason)
