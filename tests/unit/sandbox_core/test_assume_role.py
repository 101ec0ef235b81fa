from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.control_policies import RCP
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Role
from sandbox_bench import MANAGEMENT, MEMBER, START, root_request

if TYPE_CHECKING:
    from rootsteward.domain.identifiers import AccountId
    from rootsteward.sandbox.call import Output
    from sandbox_bench import Bench

NOTHING = '{"Version":"2012-10-17","Statement":[]}'


def add_role(
    bench: Bench,
    account: AccountId,
    principal: str,
    *,
    condition: dict[str, Any] | None = None,
    max_session_seconds: int = 3600,
) -> Role:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        "Condition": condition or {},
    }
    role = Role(
        account=account,
        name="ops",
        unique_id="AROAEXAMPLEEXAMPLE",
        trust=NamedDocument("trust", json.dumps({"Statement": [statement]})),
        created_at=START,
        path="/team/",
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
        tags={"team": "blue"},
        max_session_seconds=max_session_seconds,
    )
    bench.world.identities.add_role(role)
    return role


def assume(bench: Bench, role: Role, by: Any = "management", **more: Any) -> Output:  # noqa: ANN401 (parameters of the call)
    return bench.call("sts", "AssumeRole", by, RoleArn=role.arn, RoleSessionName="me", **more)


def refusal(bench: Bench, role: Role, by: Any = "management", **more: Any) -> tuple[str, str]:  # noqa: ANN401 (parameters of the call)
    params = {"RoleArn": role.arn, "RoleSessionName": "me", **more}
    error = bench.refusal("sts", "AssumeRole", by, **params)
    return error.code, error.message


def denied(bench: Bench, by: str, role: Role) -> tuple[str, str]:
    arn = bench.callers[by].arn
    return (
        "AccessDenied",
        f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role.arn}",
    )


def test_a_role_session_has_the_roles_identity(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    output = assume(bench, role)
    assert output["AssumedRoleUser"] == {
        "AssumedRoleId": "AROAEXAMPLEEXAMPLE:me",
        "Arn": f"arn:aws:sts::{MEMBER}:assumed-role/ops/me",
    }
    session = bench.session(output)
    assert bench.call("sts", "GetCallerIdentity", session)["Account"] == MEMBER
    assert session.principal_arn == role.arn
    assert bench.call("iam", "GetAccountSummary", session)


def test_the_trust_policy_must_name_the_caller(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    assert refusal(bench, role, "delegate") == denied(bench, "delegate", role)


def test_within_one_account_an_administrator_still_needs_the_trust_policy(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    assert refusal(bench, role, "member") == denied(bench, "member", role)


def test_across_accounts_the_callers_own_policies_must_allow_too(bench: Bench) -> None:
    bench.add_user(MANAGEMENT, "bare", NOTHING)
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    assert refusal(bench, role, "bare") == denied(bench, "bare", role)


def test_an_rcp_that_denies_is_named(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    policies = bench.world.organization.policies
    policies.enable(RCP, bench.world.organization.targets())
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    draft = {"Name": "closed", "Description": "", "Type": RCP, "Content": content}
    made = bench.call("organizations", "CreatePolicy", by="management", **draft)
    summary = made["Policy"]["PolicySummary"]
    bench.call("organizations", "AttachPolicy", PolicyId=summary["Id"], TargetId=MEMBER)
    code, message = denied(bench, "management", role)
    named = f"{message} with an explicit deny in a resource control policy: {summary['Arn']}"
    assert refusal(bench, role) == (code, named)


def test_within_one_account_being_named_is_enough(bench: Bench) -> None:
    bare = bench.add_user(MEMBER, "bare", NOTHING)
    role = add_role(bench, MEMBER, bare.arn)
    assert assume(bench, role, "bare")["Credentials"]


def test_an_unknown_role_is_denied_like_a_closed_one(bench: Bench) -> None:
    role = add_role(bench, MEMBER, "*")
    gone = f"{role.arn}x"
    error = bench.refusal("sts", "AssumeRole", RoleArn=gone, RoleSessionName="me")
    assert error.message.endswith(f"sts:AssumeRole on resource: {gone}")


def test_conditions_of_the_trust_policy_count(bench: Bench) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root", condition=condition)
    assert refusal(bench, role, ExternalId="other")[0] == "AccessDenied"
    assert assume(bench, role, ExternalId="secret")["Credentials"]


def test_sessions_last_no_longer_than_the_role_allows(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root", max_session_seconds=7200)
    output = assume(bench, role, DurationSeconds=7200)
    assert (output["Credentials"]["Expiration"] - bench.clock()).total_seconds() == 7200
    code, message = refusal(bench, role, DurationSeconds=7201)
    assert (code, "MaxSessionDuration" in message) == ("ValidationError", True)


def test_chained_sessions_last_an_hour_at_most(bench: Bench) -> None:
    role = add_role(bench, MEMBER, "*", max_session_seconds=43200)
    session = bench.session(assume(bench, role))
    code, message = refusal(bench, role, session, DurationSeconds=3601)
    assert (code, "role chaining" in message) == ("ValidationError", True)
    assert assume(bench, role, session, DurationSeconds=3600)["Credentials"]


def test_root_users_cannot_assume_roles(bench: Bench) -> None:
    role = add_role(bench, MEMBER, "*")
    code, message = refusal(bench, role, bench.root_key(MEMBER))
    assert (code, message) == ("AccessDenied", "Roles may not be assumed by root accounts.")


def test_a_session_policy_narrows_the_session(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    policy = '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    session = bench.session(assume(bench, role, Policy=policy))
    error = bench.refusal("iam", "GetAccountSummary", session)
    assert error.message.endswith(
        "because no session policy allows the iam:GetAccountSummary action"
    )
    assert refusal(bench, role, Policy="{")[0] == "MalformedPolicyDocument"


def test_a_managed_session_policy_follows_its_default_version(bench: Bench) -> None:
    def document(effect: str) -> str:
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": effect, "Action": "*", "Resource": "*"},
            }
        )

    role = add_role(bench, MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:root")
    made = bench.call("iam", "CreatePolicy", PolicyName="p", PolicyDocument=document("Allow"))
    arn = made["Policy"]["Arn"]
    session = bench.session(assume(bench, role, PolicyArns=[{"arn": arn}]))
    bench.call("iam", "ListUsers", session)
    changed: dict[str, Any] = {"PolicyArn": arn, "PolicyDocument": document("Deny")}
    bench.call("iam", "CreatePolicyVersion", SetAsDefault=True, **changed)
    assert bench.refusal("iam", "ListUsers", session).code == "AccessDenied"
    bench.call("iam", "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1")
    bench.call("iam", "ListUsers", session)


def test_session_policies_have_a_greatest_length_and_number(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    fits = NOTHING + " " * (2048 - len(NOTHING))
    assert assume(bench, role, Policy=fits)["PackedPolicySize"] == 100
    too_long = ("PackedPolicyTooLarge", "session policies consumes 103% of allotted space.")
    for more in ({"Policy": fits + " " * 50}, {"Policy": fits, "PolicyArns": [{"arn": arn}]}):
        code, message = refusal(bench, role, **more)
        assert (code, message.partition("size of ")[2]) == too_long
    code, message = refusal(bench, role, PolicyArns=[{"arn": arn}] * 11)
    assert (code, message.endswith("less than or equal to 10")) == ("ValidationError", True)


def test_a_source_identity_is_carried_into_root_sessions(bench: Bench) -> None:
    bench.switch_on()
    role = add_role(bench, MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:root")
    output = assume(bench, role, SourceIdentity="Alice")
    assert output["SourceIdentity"] == "Alice"
    operator = bench.session(output)
    opened = bench.call("sts", "AssumeRoot", operator, **root_request(TaskPolicy.AUDIT))
    assert opened["SourceIdentity"] == "Alice"
    assert bench.session(opened).source_identity == "Alice"


@pytest.mark.parametrize(("least", "size"), [(0, 216), (300, 300)])
def test_a_session_token_can_be_asked_to_be_long(bench: Bench, least: int, size: int) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    output = assume(bench, role, MinimumSessionTokenSize=least)
    assert len(output["Credentials"]["SessionToken"]) == size


def test_what_would_be_ignored_is_refused(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    code, message = refusal(bench, role, ProvidedContexts=[{"ProviderArn": "arn:aws:x"}])
    assert (code, "ProvidedContexts" in message) == ("NotImplemented", True)


def test_a_source_identity_cannot_be_changed(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    chained = add_role(bench, MANAGEMENT, "*")
    session = bench.session(assume(bench, role, SourceIdentity="Alice"))
    code, message = refusal(bench, chained, session, SourceIdentity="Bob")
    assert (code, "perform: sts:SetSourceIdentity" in message) == ("AccessDenied", True)
    assert assume(bench, chained, session)["SourceIdentity"] == "Alice"


TAGS = [{"Key": "Project", "Value": "x"}, {"Key": "team", "Value": "red"}]


def test_session_tags_need_a_permission_of_their_own(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    code, message = refusal(bench, role, Tags=TAGS)
    assert (code, "perform: sts:TagSession" in message) == ("AccessDenied", True)


def tagging_role(bench: Bench, account: AccountId, **condition: Any) -> Role:  # noqa: ANN401
    role = add_role(bench, account, "*")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": condition,
    }
    role.trust = NamedDocument("trust", json.dumps({"Statement": [statement]}))
    return role


def test_session_tags_go_before_those_of_the_role(bench: Bench) -> None:
    role = tagging_role(bench, MEMBER, StringEquals={"aws:RequestTag/Project": "x"})
    allow = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalTag/Project": "x"}}
    text = json.dumps({"Statement": [{**allow, "Condition": condition}]})
    role.managed, role.inline = {}, {"by tag": NamedDocument("by tag", text)}
    output = assume(bench, role, Tags=TAGS)
    assert output["PackedPolicySize"] > 0
    assert bench.call("iam", "ListUsers", bench.session(output))
    wrong = [{"Key": "Project", "Value": "y"}]
    assert refusal(bench, role, Tags=wrong)[0] == "AccessDenied"


def test_transitive_tags_are_handed_on_and_stay(bench: Bench) -> None:
    first, second = tagging_role(bench, MEMBER), tagging_role(bench, MANAGEMENT)
    session = bench.session(assume(bench, first, Tags=TAGS, TransitiveTagKeys=["PROJECT"]))
    chained = bench.session(assume(bench, second, session))
    assert chained.attributes == {"aws:PrincipalTag/Project": "x"}
    code, message = refusal(bench, second, session, Tags=[{"Key": "project", "Value": "z"}])
    assert code == "InvalidParameterValue"
    assert message.startswith("One of the specified transitive tag keys can't be set")


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (
            {"Tags": [*TAGS, {"Key": "TEAM", "Value": ""}]},
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags": TAGS, "TransitiveTagKeys": ["other"]},
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
    ],
)
def test_session_tags_that_cannot_be_are_refused(
    bench: Bench, more: dict[str, Any], code: str, message: str
) -> None:
    assert refusal(bench, tagging_role(bench, MEMBER), **more) == (code, message)


def test_users_of_roles_must_name_a_user_in_user_scoped_calls(bench: Bench) -> None:
    role = add_role(bench, MEMBER, f"arn:aws:iam::{MANAGEMENT}:root")
    session = bench.session(assume(bench, role))
    error = bench.refusal("iam", "GetUser", session)
    assert error.message == "Must specify userName when calling with non-User credentials"
    assert bench.call("iam", "GetUser", session, UserName="member")["User"]["UserName"] == "member"
