"""Proofs about resource control policies, alone and beside SCPs."""

import json
from pathlib import Path

import pytest

from rootsteward.domain.authorization import Decision, Level, NamedDocument, PolicyType
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.api import (
    prove_always_allowed,
    prove_closes_nothing,
    prove_equivalent,
    prove_never_allowed,
    prove_opens_exactly,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.proof import Proved, Refuted, Unknown
from rootsteward.policy.prove.rcp_coverage import COVERED, SUPPORTED
from rootsteward.policy.prove.request_set import RequestSet, Who
from rootsteward.policy.prove.witness import policies_for
from rootsteward.spec import judge

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
NOTHING = RequestSet.of_actions(())
OF_OTHERS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}}
NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def rcp(*statements: dict[str, object]) -> str:
    full = [{"Effect": "Deny", "Principal": "*", "Resource": "*", **s} for s in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def level(name: str, *texts: str) -> Level:
    return Level(name, tuple(NamedDocument(f"{name}-{i}", t) for i, t in enumerate(texts)))


def chain(*texts: str, scps: tuple[Level, ...] | None = None) -> Chain:
    return Chain.read(scps, rcp_levels=(level("r-1", *texts),))


PERIMETER = chain(rcp({"Action": ["s3:*", "sqs:*"], "Condition": {**OF_OTHERS, **NO_SERVICE}}))
WITHOUT_SERVICES = chain(rcp({"Action": ["s3:*", "sqs:*"], "Condition": OF_OTHERS}))
DENY_SQS = chain(rcp({"Action": "sqs:*"}))
DENY_S3_BY_SCP = (
    Level(
        "r-1",
        (
            FULL_ACCESS,
            NamedDocument(
                "scp",
                '{"Version":"2012-10-17","Statement":'
                '{"Effect":"Deny","Action":"s3:*","Resource":"*"}}',
            ),
        ),
    ),
)


def test_an_rcp_that_forgets_aws_services_closes_something_to_them() -> None:
    proof = prove_closes_nothing(PERIMETER, WITHOUT_SERVICES)
    assert isinstance(proof, Refuted)
    assert proof.witness.principal == "cloudtrail.amazonaws.com"
    assert proof.witness.context == {"aws:PrincipalIsAWSService": "true"}
    assert isinstance(prove_opens_nothing_else(PERIMETER, WITHOUT_SERVICES, NOTHING), Proved)


def test_an_anonymous_caller_has_no_organization() -> None:
    without_absent = {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}, **NO_SERVICE}
    with_null = {"Null": {"aws:PrincipalOrgID": "false"}, **without_absent}
    before = chain(rcp({"Action": "s3:*", "Condition": without_absent}))
    proof = prove_opens_nothing_else(
        before, chain(rcp({"Action": "s3:*", "Condition": with_null})), NOTHING
    )
    assert isinstance(proof, Refuted)
    assert "aws:PrincipalOrgID" not in proof.witness.context


def test_an_aws_service_goes_by_its_name_and_nobody_else_has_one() -> None:
    but_logs = {"StringNotEquals": {"aws:PrincipalServiceName": "logs.amazonaws.com"}}
    before = chain(rcp({"Action": "sqs:*", "Condition": but_logs}))
    proof = prove_closes_nothing(before, DENY_SQS)
    assert isinstance(proof, Refuted)
    assert proof.witness.principal == "logs.amazonaws.com"
    assert "aws:PrincipalServiceName" not in proof.witness.context
    of_people = {"Null": {"aws:PrincipalServiceName": "false", "aws:PrincipalArn": "false"}}
    nobody = chain(rcp({"Action": "sqs:*", "Condition": of_people}))
    assert isinstance(prove_equivalent(chain(), nobody), Proved)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_both_spellings_of_everyone_are_the_same(principal: object) -> None:
    spelled = chain(rcp({"Action": "sqs:*", "Principal": principal}))
    assert isinstance(prove_equivalent(DENY_SQS, spelled), Proved)


def test_a_principal_that_organizations_refuses_is_opaque_and_never_dropped() -> None:
    odd = chain(rcp({"Action": "sqs:*", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}))
    assert isinstance(prove_equivalent(odd, odd), Proved)
    never = prove_never_allowed(odd, RequestSet.of_actions(["sqs:SendMessage"]))
    assert isinstance(never, Refuted | Unknown)


def test_an_action_with_a_resource_type_is_surely_denied() -> None:
    for action in ("sqs:SendMessage", "sqs:SetQueueAttributes"):
        assert isinstance(prove_never_allowed(DENY_SQS, RequestSet.of_actions([action])), Proved)


def test_nobody_knows_whether_rcps_speak_about_an_action_without_a_resource_type() -> None:
    never = prove_never_allowed(DENY_SQS, RequestSet.of_actions(["sqs:ListQueues"]))
    assert isinstance(never, Unknown)
    assert "whether RCPs speak about `sqs:ListQueues`" in never.reason
    always = prove_always_allowed(chain(), RequestSet.of_actions(["sqs:ListQueues"]))
    assert isinstance(always, Proved)


def test_what_is_proved_holds_either_way() -> None:
    reordered = chain(rcp({"Action": "sqs:List*"}, {"Action": "sqs:*"}))
    assert isinstance(prove_equivalent(DENY_SQS, reordered), Proved)


def test_an_allow_of_an_rcp_says_nothing() -> None:
    full = rcp({"Effect": "Allow", "Action": "*"})
    assert isinstance(prove_equivalent(chain(), chain(full)), Proved)
    assert isinstance(prove_equivalent(DENY_SQS, chain(full, rcp({"Action": "sqs:*"}))), Proved)


def test_rcps_out_of_force_are_a_chain_that_denies_nothing() -> None:
    assert isinstance(prove_equivalent(Chain.read(None), chain()), Proved)
    assert isinstance(prove_closes_nothing(DENY_SQS, Chain.read(None)), Proved)
    opened = prove_opens_nothing_else(DENY_SQS, Chain.read(None), NOTHING)
    assert isinstance(opened, Refuted)
    assert opened.witness.action.lower() in COVERED


def test_in_a_whole_chain_scps_bind_members_and_rcps_bind_everyone() -> None:
    both = chain(rcp({"Action": "sqs:*"}), scps=DENY_S3_BY_SCP)
    get = RequestSet.of_actions(["s3:GetObject"])
    by_outsider = prove_never_allowed(both, get)
    assert isinstance(by_outsider, Refuted)
    assert by_outsider.witness.principal == "cloudtrail.amazonaws.com"
    assert isinstance(
        prove_never_allowed(both, RequestSet(Who.ROOT_USER, ("s3:GetObject",))), Proved
    )
    assert isinstance(prove_never_allowed(both, RequestSet.of_actions(["sqs:SendMessage"])), Proved)


def test_what_neither_scps_nor_rcps_bind_is_no_part_of_the_question() -> None:
    deny = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}'
    scps = (Level("r-1", (FULL_ACCESS, NamedDocument("scp", deny))),)
    both = chain(rcp({"Action": "sqs:*"}), scps=scps)
    assert isinstance(prove_never_allowed(both, RequestSet.of_actions(["iam:CreateUser"])), Proved)
    assert isinstance(prove_never_allowed(both, RequestSet.of_actions(["iam:*"])), Proved)


def test_a_service_that_an_rcp_names_is_taken_to_be_one_that_rcps_cover() -> None:
    named = chain(rcp({"Action": "newservice:*"}))
    assert isinstance(prove_closes_nothing(chain(), named), Refuted)


def test_a_carve_out_in_an_rcp_opens_exactly_the_root_sessions() -> None:
    root_user = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    before = chain(rcp({"Action": "s3:*", "Condition": root_user}))
    carved = {**root_user, "Null": {"aws:AssumedRoot": "true"}}
    after = chain(rcp({"Action": "s3:*", "Condition": carved}))
    assert isinstance(prove_opens_nothing_else(before, after, RequestSet.root_sessions()), Proved)
    unlock = RequestSet(
        Who.ROOT_SESSION, ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
    )
    assert isinstance(prove_always_allowed(after, unlock), Proved)
    exactly = prove_opens_exactly(before, after, RequestSet.tasks([TaskPolicy.UNLOCK_BUCKET]))
    assert isinstance(exactly, Refuted)


def test_the_specification_agrees_with_a_witness_of_a_whole_chain() -> None:
    before = chain(rcp({"Action": "s3:*", "Condition": OF_OTHERS}), scps=DENY_S3_BY_SCP)
    after = chain(scps=DENY_S3_BY_SCP)
    proof = prove_opens_nothing_else(before, after, NOTHING)
    assert isinstance(proof, Refuted)
    decisions = [
        judge(proof.witness, policies_for(proof.witness, one)).decision for one in (before, after)
    ]
    assert decisions == [Decision.EXPLICIT_DENY, Decision.ALLOWED]


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the corpus in ../shared/data")
def test_every_published_rcp_is_equivalent_to_itself_and_its_removal_is_answered() -> None:
    paths = sorted((DATA / "scps").glob("rcp-*.json"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        parse_document(text, policy_type=PolicyType.RCP)
        assert isinstance(prove_equivalent(chain(text), chain(text)), Proved), path.name
        assert isinstance(prove_closes_nothing(chain(text), chain()), Proved), path.name
        opened = prove_opens_nothing_else(chain(text), chain(), NOTHING)
        assert isinstance(opened, Proved | Refuted), path.name


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the recordings in ../shared/data")
def test_no_action_is_taken_as_covered_that_the_documentation_leaves_out() -> None:
    path = DATA / "recordings" / "rcp_supported_actions_docs_derived.json"
    rows = [r for r in json.loads(path.read_text(encoding="utf-8")) if "rcp_applies" in r]
    assert {r["action"].partition(":")[0] for r in rows if r["rcp_applies"]} <= SUPPORTED
    uncovered = {r["action"].lower() for r in rows if not r["rcp_applies"]}
    assert uncovered
    assert COVERED.isdisjoint(uncovered)
