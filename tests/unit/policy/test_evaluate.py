"""The whole question: chains, ceilings, grants, exemptions, and answers that stay open."""

import json
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
from rootsteward.policy.evaluate import compile_policies, evaluate

ACCOUNT = "111122223333"
ROOT_USER = f"arn:aws:iam::{ACCOUNT}:root"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
FOREIGN_ROOT = "arn:aws:iam::444455556666:root"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
BUCKET = "arn:aws:s3:::bucket"

Json = dict[str, Any]
FULL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY_ALL: Json = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def _doc(*statements: Json, name: str = "p") -> NamedDocument:
    return NamedDocument(name, json.dumps({"Version": "2012-10-17", "Statement": statements}))


def _levels(*levels: tuple[Json, ...]) -> tuple[Level, ...]:
    return tuple(
        Level(f"l{i}", (_doc(*statements, name=f"p{i}"),)) for i, statements in enumerate(levels)
    )


def _ask(
    policies: PolicySet,
    principal: str = ROOT_USER,
    action: str = "s3:GetObject",
    resource: str = BUCKET,
    context: dict[str, ContextValue] | None = None,
    unknown: tuple[str, ...] = (),
) -> Answer:
    request = AccessRequest(principal, action, resource, context or {}, frozenset(unknown))
    return evaluate(request, policies)


def test_a_root_user_is_allowed_within_its_account() -> None:
    assert _ask(PolicySet()).decision is Decision.ALLOWED


def test_anyone_else_needs_an_allow() -> None:
    answer = _ask(PolicySet(), ALICE)

    assert answer.decision is Decision.IMPLICIT_DENY
    assert answer.by == (DecidedBy(PolicyType.IDENTITY),)
    granted = _ask(PolicySet(identity_policies=(_doc(FULL),)), ALICE)
    assert granted.decision is Decision.ALLOWED
    assert granted.by[0].statement_index == 0


def test_a_deny_at_any_level_ends_the_question_and_is_named_with_its_place() -> None:
    deny = {**DENY_ALL, "Sid": "No"}
    policies = PolicySet(scp_levels=_levels((FULL,), (FULL, deny), (FULL,)))

    answer = _ask(policies)

    text = policies.scp_levels[1].documents[0].text if policies.scp_levels else ""
    column = text.index('{"Effect": "Deny"') + 1
    assert answer.decision is Decision.EXPLICIT_DENY
    assert answer.by == (DecidedBy(PolicyType.SCP, "l1", "p1", 1, "No", 1, column),)
    assert "service control policy `p1` statement 1 (Sid No) at `l1`" in answer.why


def test_every_level_needs_an_allow() -> None:
    only_s3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policies = PolicySet(scp_levels=_levels((FULL,), (only_s3,)))

    assert _ask(policies).decision is Decision.ALLOWED
    denied = _ask(policies, action="iam:GetUser")
    assert denied.decision is Decision.IMPLICIT_DENY
    assert denied.by == (DecidedBy(PolicyType.SCP, "l1"),)


def test_scps_not_in_force_differ_from_a_level_with_none() -> None:
    assert _ask(PolicySet(scp_levels=None)).decision is Decision.ALLOWED
    assert _ask(PolicySet(scp_levels=(Level("l", ()),))).decision is Decision.IMPLICIT_DENY


def test_a_resource_control_policy_only_denies() -> None:
    deny = {**DENY_ALL, "Principal": "*", "Action": "s3:*"}
    policies = PolicySet(rcp_levels=(Level("l0", ()), *_levels((deny,))))

    assert _ask(policies).decision is Decision.EXPLICIT_DENY
    assert _ask(policies, action="sqs:SendMessage").decision is Decision.ALLOWED


def test_service_linked_roles_are_beyond_scps_and_rcps() -> None:
    deny = {**DENY_ALL, "Principal": "*", "Action": "s3:*"}
    policies = PolicySet(
        scp_levels=_levels((DENY_ALL,)),
        rcp_levels=_levels((deny,)),
        identity_policies=(_doc(FULL),),
    )

    assert _ask(policies, LINKED).decision is Decision.ALLOWED
    assert _ask(policies, ALICE).decision is Decision.EXPLICIT_DENY


def test_a_task_policy_is_a_ceiling_of_denies_and_needs_no_allow() -> None:
    task = _doc({"Effect": "Deny", "NotAction": ["iam:GetUser"], "Resource": "*"})

    assert _ask(PolicySet(task_policy=task), action="iam:GetUser").decision is Decision.ALLOWED
    refused = _ask(PolicySet(task_policy=task), action="iam:CreateUser")
    assert refused.decision is Decision.EXPLICIT_DENY
    assert refused.by[0].policy_type is PolicyType.TASK


def test_the_published_carve_out_lets_sessions_through_and_holds_for_long_term_root() -> None:
    condition = {
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]},
        "Null": {"aws:AssumedRoot": "true"},
    }
    scps = _levels((FULL, {**DENY_ALL, "Condition": condition}))
    task = _doc({"Effect": "Deny", "NotAction": ["iam:GetUser"], "Resource": "*"})

    session = _ask(PolicySet(scps, task_policy=task), action="iam:GetUser")
    long_term = _ask(PolicySet(scps), action="iam:GetUser")

    assert session.decision is Decision.ALLOWED
    assert long_term.decision is Decision.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("Bool", "aws:AssumedRoot", "true"),
        ("Bool", "aws:MultiFactorAuthPresent", "false"),
        ("Null", "aws:TokenIssueTime", "false"),
        ("StringEquals", "aws:PrincipalType", "Account"),
        ("StringEquals", "aws:userid", ACCOUNT),
        ("StringEquals", "aws:principalaccount", ACCOUNT),
        ("Bool", "aws:PrincipalIsAWSService", "false"),
        ("Bool", "aws:ViaAWSService", "false"),
        ("Null", "aws:username", "true"),
        ("Null", "aws:SourceIdentity", "true"),
    ],
)
def test_the_keys_of_a_root_session_are_filled_in(operator: str, key: str, value: str) -> None:
    deny = {**DENY_ALL, "Condition": {operator: {key: value}}}
    task = _doc({"Effect": "Deny", "Action": "x:y", "Resource": "*"})

    answer = _ask(PolicySet(_levels((FULL, deny)), task_policy=task))

    assert answer.decision is Decision.EXPLICIT_DENY


def test_a_key_that_is_given_wins_over_one_that_follows() -> None:
    deny = {**DENY_ALL, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}

    answer = _ask(PolicySet(_levels((FULL, deny))), context={"AWS:viaawsservice": "true"})

    assert answer.decision is Decision.EXPLICIT_DENY


def test_a_session_of_a_role_has_the_arn_of_the_role() -> None:
    deny = {**DENY_ALL, "Condition": {"ArnEquals": {"aws:PrincipalArn": DEPLOY}}}

    answer = _ask(PolicySet(identity_policies=(_doc(FULL, deny),)), SESSION)

    assert answer.decision is Decision.EXPLICIT_DENY


def test_session_policies_and_boundary_each_need_an_allow() -> None:
    other = _doc({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    everything = (_doc(FULL),)

    by_session = _ask(PolicySet(session_policies=(other,), identity_policies=everything), SESSION)
    by_boundary = _ask(PolicySet(permissions_boundary=other, identity_policies=everything), SESSION)

    assert by_session.by == (DecidedBy(PolicyType.SESSION),)
    assert by_boundary.by == (DecidedBy(PolicyType.BOUNDARY),)
    assert _ask(PolicySet(session_policies=()), ROOT_USER).decision is Decision.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("principal", "named", "allowed"),
    [
        (ALICE, ALICE, True),
        (ALICE, "*", True),
        (ALICE, ROOT_USER, False),
        (ALICE, ACCOUNT, False),
        (SESSION, DEPLOY, True),
        (SESSION, SESSION, True),
        (ROOT_USER, FOREIGN_ROOT, True),
        (FOREIGN_ROOT, FOREIGN_ROOT, True),
        (FOREIGN_ROOT, "444455556666", True),
        (FOREIGN_ROOT, ROOT_USER, False),
    ],
)
def test_a_resource_policy_grants_to_whom_it_names(
    principal: str,
    named: str,
    allowed: bool,  # noqa: FBT001 (table)
) -> None:
    resource_policy = _doc({**FULL, "Principal": {"AWS": named}})

    answer = _ask(PolicySet(resource_policy=resource_policy), principal, "sqs:X", QUEUE)

    assert (answer.decision is Decision.ALLOWED) is allowed


def test_across_accounts_both_sides_must_allow() -> None:
    bob = "arn:aws:iam::444455556666:user/bob"
    theirs = _doc({**FULL, "Principal": {"AWS": bob}})
    mine = (_doc(FULL),)

    def ask(**given: Any) -> Decision:  # noqa: ANN401 (fields of a policy set)
        return _ask(PolicySet(**given), bob, "sqs:X", QUEUE).decision

    assert ask(identity_policies=mine, resource_policy=theirs) is Decision.ALLOWED
    assert ask(resource_policy=theirs) is Decision.IMPLICIT_DENY
    assert ask(identity_policies=mine, resource_policy=_doc()) is Decision.IMPLICIT_DENY
    assert ask(identity_policies=mine) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        ("s3:GetBucketPolicy", BUCKET, Decision.ALLOWED),
        ("s3:PutBucketPolicy", BUCKET, Decision.ALLOWED),
        ("s3:DeleteBucketPolicy", BUCKET, Decision.ALLOWED),
        ("s3:ListBucket", BUCKET, Decision.EXPLICIT_DENY),
        ("sqs:SetQueueAttributes", QUEUE, Decision.ALLOWED),
        ("sqs:GetQueueAttributes", QUEUE, Decision.ALLOWED),
        ("sqs:GetQueueUrl", QUEUE, Decision.ALLOWED),
        ("sqs:SendMessage", QUEUE, Decision.EXPLICIT_DENY),
    ],
)
def test_the_owners_root_user_can_always_mend_the_policy(
    action: str, resource: str, decision: Decision
) -> None:
    locked = PolicySet(resource_policy=_doc({**DENY_ALL, "Principal": "*"}))

    assert _ask(locked, ROOT_USER, action, resource).decision is decision
    assert _ask(locked, ALICE, action, resource).decision is Decision.EXPLICIT_DENY


def test_a_foreign_root_user_cannot_mend_the_policy() -> None:
    locked = PolicySet(resource_policy=_doc({**DENY_ALL, "Principal": "*"}))
    context: dict[str, ContextValue] = {"aws:ResourceAccount": ACCOUNT}

    answer = _ask(locked, FOREIGN_ROOT, "s3:DeleteBucketPolicy", BUCKET, context)

    assert answer.decision is Decision.EXPLICIT_DENY


def _region_lock(*regions: str) -> Json:
    condition = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return {**DENY_ALL, "Sid": "Lock", "Condition": condition}


def test_an_answer_depends_on_the_key_that_nobody_knows() -> None:
    policies = PolicySet(_levels((FULL, _region_lock("eu-west-1"))))

    answer = _ask(policies, unknown=("aws:requestedregion", "aws:SourceIp"))

    assert answer.decision is Decision.DEPENDS
    assert answer.depends_on == ("aws:requestedregion",)
    assert [by.sid for by in answer.by] == ["Lock"]


def test_a_certain_deny_outweighs_what_nobody_knows() -> None:
    policies = PolicySet(_levels((FULL, _region_lock("eu-west-1"), {**DENY_ALL, "Sid": "No"})))

    answer = _ask(policies, unknown=("aws:RequestedRegion",))

    assert answer.decision is Decision.EXPLICIT_DENY
    assert answer.by[0].sid == "No"


def test_a_key_that_cannot_matter_is_not_asked_for() -> None:
    lock = {**_region_lock("eu-west-1"), "Action": "ec2:*"}
    narrow = _region_lock("eu-west-1")
    narrow["Condition"]["ArnLike"] = {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}

    answer = _ask(PolicySet(_levels((FULL, lock, narrow))), unknown=("aws:RequestedRegion",))

    assert answer.decision is Decision.ALLOWED
    assert answer.depends_on == ()


def test_a_doubtful_allow_beside_a_certain_one_is_no_doubt() -> None:
    doubtful = {**FULL, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}

    sure = _ask(PolicySet(_levels((doubtful, FULL))), unknown=("aws:SourceIp",))
    open_ = _ask(PolicySet(_levels((doubtful,))), unknown=("aws:SourceIp",))

    assert sure.decision is Decision.ALLOWED
    assert open_.decision is Decision.DEPENDS
    assert open_.depends_on == ("aws:SourceIp",)


def test_a_level_that_surely_allows_nothing_needs_no_unknown_key() -> None:
    policies = PolicySet((*_levels((FULL, _region_lock("eu-west-1"))), Level("empty", ())))

    answer = _ask(policies, unknown=("aws:RequestedRegion",))

    assert answer.decision is Decision.IMPLICIT_DENY
    assert answer.by == (DecidedBy(PolicyType.SCP, "empty"),)


def test_an_unknown_operator_in_a_deny_is_undetermined_and_never_skipped() -> None:
    strange = {**DENY_ALL, "Sid": "S", "Condition": {"StringResembles": {"aws:userid": "x"}}}

    answer = _ask(PolicySet(_levels((FULL, strange))))

    assert answer.decision is Decision.UNDETERMINED
    assert answer.by[0].sid == "S"
    assert answer.why.startswith("undetermined, because `StringResembles` is not a condition")


def test_an_unknown_operator_that_cannot_decide_does_not_matter() -> None:
    strange = {**DENY_ALL, "Condition": {"StringResembles": {"aws:userid": "x"}}}
    elsewhere = {**strange, "Action": "ec2:*"}
    allow = {**strange, "Effect": "Allow"}

    assert _ask(PolicySet(_levels((FULL, elsewhere, allow)))).decision is Decision.ALLOWED
    denied = _ask(PolicySet(_levels((FULL, strange, {**DENY_ALL, "Sid": "No"}))))
    assert denied.decision is Decision.EXPLICIT_DENY


def test_a_document_that_is_not_json_makes_the_answer_undetermined() -> None:
    broken = Level("l1", (NamedDocument("broken", "{"),))

    answer = _ask(PolicySet((*_levels((FULL,)), broken)))

    assert answer.decision is Decision.UNDETERMINED
    assert answer.by == (DecidedBy(PolicyType.SCP, "l1", "broken", None, "", 1, 2),)


def test_a_statement_with_a_broken_part_may_deny_anything() -> None:
    broken = {"Effect": "Deny", "Actions": "ec2:*", "Resource": "*"}

    assert _ask(PolicySet(_levels((FULL, broken)))).decision is Decision.UNDETERMINED


def test_not_resource_with_two_entries_excepts_both() -> None:
    deny = {"Effect": "Deny", "Action": "*", "NotResource": [BUCKET, QUEUE]}
    policies = PolicySet(_levels((FULL, deny)))

    assert _ask(policies, resource=BUCKET).decision is Decision.ALLOWED
    assert _ask(policies, resource=QUEUE).decision is Decision.ALLOWED
    assert _ask(policies, resource="*").decision is Decision.EXPLICIT_DENY


def test_a_resource_may_name_the_principal_by_a_variable() -> None:
    deny = {**DENY_ALL, "Resource": "arn:aws:iam::*:user/${aws:username}"}
    policies = PolicySet(identity_policies=(_doc(FULL, deny),))

    assert _ask(policies, ALICE, resource=ALICE).decision is Decision.EXPLICIT_DENY
    assert _ask(policies, ALICE, resource=DEPLOY).decision is Decision.ALLOWED
    assert _ask(policies, SESSION, resource=ALICE).decision is Decision.ALLOWED


def test_compiled_policies_answer_as_fresh_ones_do() -> None:
    policies = PolicySet(_levels((FULL, _region_lock("eu-west-1"))))
    compiled = compile_policies(policies)

    for region in ("eu-west-1", "us-east-1", "eu-west-1"):
        request = AccessRequest(ROOT_USER, "S3:getObject", BUCKET, {"aws:RequestedRegion": region})
        assert compiled.decide(request) == evaluate(request, policies)
