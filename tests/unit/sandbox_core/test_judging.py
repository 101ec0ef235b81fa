"""Who is denied, by what, and in which words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.authorization import Decision, NamedDocument
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import Call, Need
from rootsteward.sandbox.judge import answer_for, policies_for
from rootsteward.sandbox.request_context import request_context
from rootsteward.sandbox.world.callers import role_session_caller
from rootsteward.sandbox.world.control_policies import FULL_ACCESS, RCP, SCP
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Role
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootsteward.sandbox.call import Caller
    from sandbox_bench import Bench

    DenyScp = Callable[..., str]

ROOT_ONLY = '{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}'
NOT_SESSIONS = (
    '{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"},"Null":{"aws:AssumedRoot":"true"}}'
)


def test_an_scp_that_denies_root_lets_the_session_open_and_stops_every_call_in_it(
    bench: Bench, deny_scp: DenyScp
) -> None:
    bench.switch_on()
    policy_id = deny_scp("*", at=UNIT, condition=ROOT_ONLY)
    session = bench.assume_root(TaskPolicy.AUDIT)
    error = bench.refusal("iam", "GetAccountSummary", session)
    organization = bench.world.organization
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message == (
        f"User: arn:aws:iam::{MEMBER}:root is not authorized to perform: iam:GetAccountSummary on "
        "resource: * with an explicit deny in a service control policy: "
        f"arn:aws:organizations::{MANAGEMENT}:policy/{organization.id}/service_control_policy/"
        f"{policy_id}"
    )


def test_the_published_carve_out_lets_sessions_through_but_not_long_term_root(
    bench: Bench, deny_scp: DenyScp
) -> None:
    bench.switch_on()
    deny_scp("*", at=UNIT, condition=NOT_SESSIONS)
    session = bench.assume_root(TaskPolicy.AUDIT)
    assert bench.call("iam", "GetUser", session)
    assert bench.refusal("iam", "GetUser", bench.root_key(MEMBER)).code == "AccessDenied"


def test_the_management_account_is_exempt_and_caller_identity_needs_nothing(
    bench: Bench, deny_scp: DenyScp
) -> None:
    deny_scp("*", at=bench.world.organization.org_root_id)
    assert bench.call("iam", "GetUser", bench.root_key(MANAGEMENT))
    assert bench.refusal("iam", "GetUser", "member").code == "AccessDenied"
    assert bench.call("sts", "GetCallerIdentity", "member")["Account"] == MEMBER


def test_a_level_without_an_allow_denies_implicitly(bench: Bench) -> None:
    organization = bench.world.organization
    narrow = ControlPolicy(
        id="p-narrow",
        name="narrow",
        arn="arn:narrow",
        description="",
        type=SCP,
        aws_managed=False,
        content='{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
    )
    organization.policies.put(narrow)
    organization.policies.attach("p-narrow", MEMBER)
    organization.policies.detach(FULL_ACCESS[SCP].id, MEMBER)
    error = bench.refusal("iam", "GetUser", "member")
    assert error.message.endswith("because no service control policy allows the iam:GetUser action")
    organization.policies.disable(SCP)
    assert bench.call("iam", "GetUser", "member")


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
IN_UNIT = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"*/{UNIT}/"}}


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"Action": "iam:*User"}, True),
        ({"Action": "iam:*Users"}, False),
        ({"Action": "i?m:G*U?er"}, True),
        ({"Action": None, "NotAction": "s3:*"}, True),
        ({"Action": None, "NotAction": "iam:*User"}, False),
        ({"Resource": f"arn:aws:iam::{MEMBER}:user/*"}, True),
        ({"Resource": f"arn:aws:iam::{DELEGATE}:user/*"}, False),
        ({"Resource": None, "NotResource": f"arn:aws:iam::{DELEGATE}:user/*"}, True),
        ({"Resource": None, "NotResource": f"arn:aws:iam::{MEMBER}:user/*"}, False),
        ({"Condition": IN_UNIT}, True),
        ({"Condition": {"Null": {"aws:PrincipalOrgPaths": "true"}}}, False),
    ],
    ids=json.dumps,
)
def test_an_scp_allows_what_its_whole_statement_says(
    bench: Bench, changes: dict[str, object], *, allowed: bool
) -> None:
    statement = {name: value for name, value in (EVERYTHING | changes).items() if value}
    draft = {"Name": "narrow", "Description": "", "Type": SCP}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = bench.call("organizations", "CreatePolicy", **draft, Content=content)
    narrow = made["Policy"]["PolicySummary"]["Id"]
    bench.call("organizations", "AttachPolicy", PolicyId=narrow, TargetId=MEMBER)
    full = FULL_ACCESS[SCP].id
    bench.call("organizations", "DetachPolicy", PolicyId=full, TargetId=MEMBER)
    if allowed:
        assert bench.call("iam", "GetUser", "member")
        return
    error = bench.refusal("iam", "GetUser", "member")
    assert error.message.endswith("because no service control policy allows the iam:GetUser action")


def test_an_scp_grants_nothing(bench: Bench) -> None:
    nobody = bench.add_user(MEMBER, "nobody", '{"Version":"2012-10-17","Statement":[]}')
    error = bench.refusal("iam", "GetUser", nobody)
    assert error.message.endswith("because no identity-based policy allows the iam:GetUser action")


@pytest.mark.parametrize(("path", "exempt"), [("/aws-service-role/x/", True), ("/", False)])
def test_neither_scps_nor_rcps_bind_service_linked_roles(
    bench: Bench, deny_scp: DenyScp, path: str, *, exempt: bool
) -> None:
    deny_scp("s3:*", at=UNIT)
    role = Role(
        account=MEMBER,
        name="AWSServiceRoleForX",
        unique_id="AROAEXAMPLE",
        trust=NamedDocument("trust", "{}"),
        created_at=bench.clock(),
        path=path,
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
    )
    bench.world.identities.add_role(role)
    call = a_call(bench, role_session_caller(role, "x", "ASIAEXAMPLE", bench.clock(), None))
    need = Need("s3:PutBucketPolicy", "arn:aws:s3:::b", MEMBER)
    assert (answer_for(bench.world, call, need).decision is Decision.ALLOWED) is exempt
    organization = bench.world.organization
    organization.policies.disable(SCP)
    organization.policies.enable(RCP, organization.targets())
    organization.policies.put(
        ControlPolicy(
            id="p-rcp",
            name="rcp",
            arn="arn:rcp",
            description="",
            type=RCP,
            aws_managed=False,
            content='{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",'
            '"Resource":"*"}]}',
        )
    )
    organization.policies.attach("p-rcp", UNIT)
    assert (answer_for(bench.world, call, need).decision is Decision.ALLOWED) is exempt


def test_boundaries_take_part(bench: Bench) -> None:
    user = bench.world.identities.user(MEMBER, "member")
    assert user is not None
    user.boundary = NamedDocument(
        "boundary", '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    )
    error = bench.refusal("iam", "GetUser", "member")
    assert error.message.endswith("because no permissions boundary allows the iam:GetUser action")


def test_identity_denials_name_their_kind(bench: Bench) -> None:
    denied = bench.add_user(
        MEMBER,
        "denied",
        '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},'
        '{"Effect":"Deny","Action":["cloudtrail:*","organizations:*"],"Resource":"*"}]}',
    )
    error = bench.refusal("cloudtrail", "LookupEvents", denied)
    assert (error.code, error.http_status) == ("AccessDeniedException", 400)
    assert error.message == (
        f"User: arn:aws:iam::{MEMBER}:user/denied is not authorized to perform: "
        "cloudtrail:LookupEvents on resource: * with an explicit deny in an "
        "identity-based policy"
    )
    error = bench.refusal("organizations", "DescribeOrganization", denied)
    assert (error.code, error.http_status) == ("AccessDeniedException", 400)
    assert error.message == "You don't have permissions to access this resource."


def test_a_policy_that_cannot_be_read_is_said_to_be_so(bench: Bench) -> None:
    broken = bench.add_user(MEMBER, "broken", '{"Statement":[{"Effect":"Deny","Action":5}]}')
    error = bench.refusal("iam", "GetUser", broken)
    assert (error.code, error.http_status) == ("SandboxCannotJudge", 400)
    assert "cannot be read" in error.message


@pytest.mark.parametrize(
    ("action", "resource", "in_force"),
    [
        ("s3:PutBucketPolicy", "arn:aws:s3:::b", True),
        ("sqs:SetQueueAttributes", "arn:aws:sqs:us-east-1:333333333333:q", True),
        ("sqs:ListQueues", "arn:aws:sqs:us-east-1:333333333333:", True),
        ("sts:AssumeRoot", "arn:aws:iam::333333333333:root", True),
        ("iam:GetUser", "arn:aws:iam::333333333333:root", False),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", False),
        ("sts:DecodeAuthorizationMessage", "*", False),
    ],
)
def test_rcps_reach_only_what_they_cover(
    bench: Bench, action: str, resource: str, *, in_force: bool
) -> None:
    organization = bench.world.organization
    organization.policies.enable("RESOURCE_CONTROL_POLICY", organization.targets())
    call = a_call(bench, bench.callers["management"])
    levels = policies_for(bench.world, call, Need(action, resource, MEMBER)).rcp_levels
    assert (levels is not None) is in_force
    owned_by_management = Need(action, resource, MANAGEMENT)
    assert policies_for(bench.world, call, owned_by_management).rcp_levels is None


def test_the_context_says_where_caller_and_resource_belong(bench: Bench) -> None:
    bench.switch_on()
    session = bench.assume_root(TaskPolicy.AUDIT)
    organization = bench.world.organization
    need = Need("iam:GetUser", "*", DELEGATE, context={"x:y": "z"})
    context = request_context(bench.world, a_call(bench, session), need)
    path = f"{organization.id}/{organization.org_root_id}/{UNIT}/"
    assert context["aws:PrincipalOrgPaths"] == (path,)
    assert context["aws:PrincipalOrgID"] == organization.id
    assert context["aws:ResourceAccount"] == DELEGATE
    assert context["aws:ResourceOrgID"] == organization.id
    assert context["aws:RequestedRegion"] == "us-east-1"
    assert context["aws:MultiFactorAuthPresent"] == "false"
    assert context["aws:TokenIssueTime"] == "2026-10-05T08:00:00Z"
    assert context["aws:EpochTime"] == "1791187200"
    assert context["x:y"] == "z"


@pytest.mark.parametrize(
    ("service", "region"),
    [("iam", "us-east-1"), ("organizations", "us-east-1"), ("sqs", "eu-west-1")],
)
def test_global_services_are_asked_in_us_east_1(bench: Bench, service: str, region: str) -> None:
    call = replace(a_call(bench, bench.callers["member"]), service=service, region="eu-west-1")
    context = request_context(bench.world, call, Need(f"{service}:x", "*", MEMBER))
    assert context["aws:RequestedRegion"] == region


def test_long_term_callers_have_no_session_keys_and_outsiders_no_organization(
    bench: Bench,
) -> None:
    user = bench.world.identities.user(bench.callers["outsider"].account, "outsider")
    assert user is not None
    user.tags["team"] = "red"
    call = a_call(bench, bench.callers["outsider"])
    context = request_context(bench.world, call, Need("iam:GetUser", "*", MEMBER))
    absent = {"aws:MultiFactorAuthPresent", "aws:TokenIssueTime", "aws:PrincipalOrgID"}
    assert not absent & context.keys()
    assert context["aws:PrincipalTag/team"] == "red"


def a_call(bench: Bench, caller: Caller) -> Call:
    return Call("iam", "GetUser", {}, "eu-west-1", caller, "id", bench.clock())


def test_task_documents_are_json_and_each_allows_its_own_actions(bench: Bench) -> None:
    bench.switch_on()
    for task in TaskPolicy:
        session = bench.assume_root(task)
        held = bench.world.identities.session(session.access_key_id)
        assert held is not None
        assert held.task_document is not None
        statements = json.loads(held.task_document.text)["Statement"]
        assert set(task.actions) <= set(statements[0]["NotAction"])
        assert {statement["Effect"] for statement in statements} == {"Deny"}


def test_a_session_is_judged_by_the_task_document_it_was_issued_with(bench: Bench) -> None:
    bench.switch_on()
    session = bench.assume_root(TaskPolicy.AUDIT)
    held = bench.world.identities.session(session.access_key_id)
    assert held is not None
    older = '{"Statement":[{"Effect":"Deny","NotAction":"iam:GetUser","Resource":"*"}]}'
    issued = replace(held, task_document=NamedDocument(TaskPolicy.AUDIT.arn(), older))
    bench.world.identities.issue(issued, bench.clock())
    assert bench.call("iam", "GetUser", session)
    assert bench.refusal("iam", "GetAccountSummary", session).code == "AccessDenied"
