from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.organization import AccountState
from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.call import CallerKind
from rootsteward.sandbox.world.control_policies import RCP
from rootsteward.sandbox.world.root_access import IAM_SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_bench import Bench


MANAGEMENT, DELEGATE, MEMBER = "111111111111", "222222222222", "333333333333"
OUTSIDER = "999999999999"
GENERIC = "User: {} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{}:root"


def request(
    task: TaskPolicy = TaskPolicy.AUDIT, target: str = MEMBER, **more: object
) -> dict[str, Any]:
    return {"TargetPrincipal": target, "TaskPolicyArn": {"arn": task.arn()}, **more}


OPENED_BY = {
    RootFeature.CREDENTIALS_MANAGEMENT: {
        TaskPolicy.AUDIT,
        TaskPolicy.CREATE_PASSWORD,
        TaskPolicy.DELETE_CREDENTIALS,
    },
    RootFeature.SESSIONS: {TaskPolicy.UNLOCK_BUCKET, TaskPolicy.UNLOCK_QUEUE},
}


@pytest.mark.parametrize("task", list(TaskPolicy))
@pytest.mark.parametrize("feature", list(RootFeature))
def test_each_feature_opens_its_own_tasks_and_no_others(
    bench: Bench, task: TaskPolicy, feature: RootFeature
) -> None:
    bench.world.organization.services.trust(IAM_SERVICE, bench.clock())
    bench.world.organization.root_features.enable(feature)
    if task in OPENED_BY[feature]:
        assert bench.assume_root(task).task is task
        return
    error = bench.refusal("sts", "AssumeRoot", **request(task))
    words = (
        "Root sessions"
        if feature is RootFeature.CREDENTIALS_MANAGEMENT
        else "Root credentials management"
    )
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message == f"{words} feature is not enabled for your AWS Organization."


@pytest.mark.parametrize("features", [(), (RootFeature.CREDENTIALS_MANAGEMENT,)])
def test_without_trusted_access_the_service_is_not_enabled(
    bench: Bench, features: tuple[RootFeature, ...]
) -> None:
    for feature in features:
        bench.world.organization.root_features.enable(feature)
    error = bench.refusal("sts", "AssumeRoot", **request())
    assert (error.code, error.http_status, error.message) == (
        "AccessDenied",
        403,
        "Service not enabled for AWS Organizations.",
    )


def test_caller_and_target_are_checked_before_the_switches(bench: Bench) -> None:
    bench.add_user(bench.world.organization.management_account_id, "nobody", '{"Statement":[]}')
    for name, target in (("member", MEMBER), ("management", OUTSIDER), ("nobody", MEMBER)):
        error = bench.refusal("sts", "AssumeRoot", name, **request(target=target))
        assert error.message == GENERIC.format(bench.callers[name].arn, target)


def test_an_answer_has_credentials_and_nothing_that_names_a_role(bench: Bench) -> None:
    bench.switch_on()
    output = bench.call("sts", "AssumeRoot", **request(DurationSeconds=60))
    assert set(output) == {"Credentials"}
    credentials = output["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert (credentials["Expiration"] - bench.clock()).total_seconds() == 60


@pytest.mark.parametrize("given", [{}, {"DurationSeconds": 0}])
def test_no_duration_and_a_duration_of_zero_mean_fifteen_minutes(
    bench: Bench, given: dict[str, Any]
) -> None:
    bench.switch_on()
    output = bench.call("sts", "AssumeRoot", **request(**given))
    assert (output["Credentials"]["Expiration"] - bench.clock()).total_seconds() == 900


def test_the_target_may_be_an_account_id_or_its_root_arn(bench: Bench) -> None:
    bench.switch_on()
    for target in (MEMBER, f"arn:aws:iam::{MEMBER}:root"):
        caller = bench.assume_root(TaskPolicy.AUDIT, target)
        assert caller.kind is CallerKind.ROOT_SESSION
        assert caller.account == MEMBER


@pytest.mark.parametrize(
    "target",
    [
        f"arn:aws:iam::{MEMBER}:user/alice",
        f"{MEMBER}:root",
        f"arn:aws:iam::{MEMBER}",
        "not an account",
    ],
)
def test_other_targets_are_not_valid(bench: Bench, target: str) -> None:
    bench.switch_on()
    error = bench.refusal("sts", "AssumeRoot", **request(target=target))
    assert (error.code, error.http_status, error.message) == (
        "ValidationError",
        400,
        "Request must contain a valid target principal",
    )


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/root-task/Other",
        "arn:aws-cn:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    ],
)
def test_only_the_five_task_policies_are_valid(bench: Bench, arn: str) -> None:
    error = bench.refusal("sts", "AssumeRoot", TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn})
    assert (error.code, error.message) == (
        "ValidationError",
        "Request must contain valid AWS managed task policy ARN",
    )


def test_the_request_is_checked_before_the_caller(bench: Bench) -> None:
    error = bench.refusal("sts", "AssumeRoot", "member", TargetPrincipal=MEMBER, TaskPolicyArn={})
    assert error.code == "ValidationError"
    assert "Value null at 'taskPolicyArn'" in error.message


@pytest.mark.parametrize("target", [MANAGEMENT, OUTSIDER, "444444444444"])
def test_targets_that_are_no_members_get_the_generic_denial(bench: Bench, target: str) -> None:
    bench.switch_on()
    error = bench.refusal("sts", "AssumeRoot", **request(target=target))
    caller = bench.callers["management"].arn
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message == GENERIC.format(caller, target)


def test_the_management_account_is_no_target_by_its_arn_either(bench: Bench) -> None:
    bench.switch_on()
    target = f"arn:aws:iam::{MANAGEMENT}:root"
    error = bench.refusal("sts", "AssumeRoot", **request(target=target))
    assert error.message == GENERIC.format(bench.callers["management"].arn, MANAGEMENT)


@pytest.mark.parametrize("state", [s for s in AccountState if s is not AccountState.ACTIVE])
def test_accounts_that_are_not_active_get_the_generic_denial(
    bench: Bench, state: AccountState
) -> None:
    bench.switch_on()
    member = next(a for a in bench.world.organization.accounts if a == MEMBER)
    bench.world.organization.set_state(member, state)
    error = bench.refusal("sts", "AssumeRoot", **request())
    assert error.message == GENERIC.format(bench.callers["management"].arn, MEMBER)


@pytest.mark.parametrize("name", ["member", "delegate", "outsider"])
def test_callers_that_are_neither_management_nor_delegate_are_denied(
    bench: Bench, name: str
) -> None:
    bench.switch_on()
    error = bench.refusal("sts", "AssumeRoot", name, **request())
    assert error.message == GENERIC.format(bench.callers[name].arn, MEMBER)


def test_a_delegate_for_iam_may_call_until_it_is_deregistered(bench: Bench) -> None:
    bench.switch_on()
    delegate = bench.callers["delegate"].account
    services = bench.world.organization.services
    services.delegate(delegate, IAM_SERVICE, bench.clock())
    assert bench.assume_root(TaskPolicy.AUDIT, by="delegate").account == MEMBER
    services.undelegate(delegate, IAM_SERVICE)
    assert bench.refusal("sts", "AssumeRoot", "delegate", **request()).code == "AccessDenied"


def test_a_delegate_of_another_service_may_not_call(bench: Bench) -> None:
    bench.switch_on()
    services = bench.world.organization.services
    services.trust("guardduty.amazonaws.com", bench.clock())
    services.delegate(bench.callers["delegate"].account, "guardduty.amazonaws.com", bench.clock())
    assert bench.refusal("sts", "AssumeRoot", "delegate", **request()).code == "AccessDenied"


def test_root_users_cannot_call(bench: Bench) -> None:
    bench.switch_on()
    root_user = bench.root_key(bench.world.organization.management_account_id)
    error = bench.refusal("sts", "AssumeRoot", root_user, **request())
    assert error.message == GENERIC.format(f"arn:aws:iam::{MANAGEMENT}:root", MEMBER)


def test_a_least_privilege_operator_gets_only_its_task(bench: Bench) -> None:
    bench.switch_on()
    bench.add_user(
        bench.world.organization.management_account_id,
        "auditor",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoot",'
        f'"Resource":"arn:aws:iam::{MEMBER}:root","Condition":{{"StringEquals":'
        f'{{"sts:TaskPolicyArn":"{TaskPolicy.AUDIT.arn()}"}}}}}}]}}',
    )
    assert bench.assume_root(TaskPolicy.AUDIT, by="auditor").task is TaskPolicy.AUDIT
    error = bench.refusal("sts", "AssumeRoot", "auditor", **request(TaskPolicy.DELETE_CREDENTIALS))
    assert error.message == GENERIC.format(bench.callers["auditor"].arn, MEMBER)
    elsewhere = bench.refusal("sts", "AssumeRoot", "auditor", **request(target=DELEGATE))
    assert elsewhere.code == "AccessDenied"


def test_an_scp_on_the_delegates_account_stops_its_call_but_not_the_management_accounts(
    bench: Bench, deny_scp: Callable[..., None]
) -> None:
    bench.switch_on()
    services = bench.world.organization.services
    services.delegate(bench.callers["delegate"].account, IAM_SERVICE, bench.clock())
    deny_scp("sts:AssumeRoot", at=bench.world.organization.org_root_id)
    error = bench.refusal("sts", "AssumeRoot", "delegate", **request())
    assert error.message == GENERIC.format(bench.callers["delegate"].arn, MEMBER)
    assert bench.assume_root(TaskPolicy.AUDIT).account == MEMBER


def test_an_rcp_on_the_target_stops_the_call(bench: Bench) -> None:
    bench.switch_on()
    policies = bench.world.organization.policies
    policies.enable(RCP, bench.world.organization.targets())
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
        '"Action":"sts:AssumeRoot","Resource":"*"}]}'
    )
    policies.put(ControlPolicy("p-rcp", "no-root", "arn:rcp", "", RCP, False, text))  # noqa: FBT003 (a field)
    policies.attach("p-rcp", MEMBER)
    error = bench.refusal("sts", "AssumeRoot", **request())
    assert error.code == "AccessDenied"
    assert error.message == GENERIC.format(bench.callers["management"].arn, MEMBER) + (
        " with an explicit deny in a resource control policy: arn:rcp"
    )
    assert bench.assume_root(TaskPolicy.AUDIT, DELEGATE).account == DELEGATE


@pytest.mark.parametrize(
    "place",
    [{"host": "sts.amazonaws.com"}, {"host": "sts.amazonaws.com:443"}, {"region": "aws-global"}],
)
def test_the_global_endpoint_does_not_know_the_operation(
    bench: Bench, place: dict[str, Any]
) -> None:
    bench.switch_on()
    error = bench.refusal("sts", "AssumeRoot", **place, **request())
    assert (error.code, error.http_status, error.message) == (
        "InvalidAction",
        400,
        "Unknown Operation",
    )


def test_a_region_that_is_off_is_refused(bench: Bench) -> None:
    bench.switch_on()
    error = bench.refusal("sts", "AssumeRoot", region="ap-east-1", **request())
    assert (error.code, error.http_status) == ("RegionDisabledException", 403)
    assert bench.call("sts", "AssumeRoot", region="eu-west-1", **request())["Credentials"]


def test_issued_sessions_go_on_after_everything_is_switched_off(bench: Bench) -> None:
    bench.switch_on()
    delegation = {"AccountId": DELEGATE, "ServicePrincipal": IAM_SERVICE}
    bench.call("organizations", "RegisterDelegatedAdministrator", **delegation)
    session = bench.assume_root(TaskPolicy.AUDIT, by="delegate")
    for service, operation, params in (
        ("iam", "DisableOrganizationsRootCredentialsManagement", {}),
        ("iam", "DisableOrganizationsRootSessions", {}),
        ("organizations", "DeregisterDelegatedAdministrator", delegation),
        ("organizations", "DisableAWSServiceAccess", {"ServicePrincipal": IAM_SERVICE}),
    ):
        bench.call(service, operation, **params)
        still = bench.caller_of(session.access_key_id)
        assert bench.call("iam", "GetUser", still)["User"]["UserId"] == MEMBER


def test_a_root_session_cannot_open_another(bench: Bench) -> None:
    bench.switch_on()
    session = bench.assume_root(TaskPolicy.AUDIT)
    assert bench.refusal("sts", "AssumeRoot", session, **request()).code == "AccessDenied"


def test_a_root_sessions_identity_is_the_members_root_user(bench: Bench) -> None:
    bench.switch_on()
    session = bench.assume_root(TaskPolicy.UNLOCK_QUEUE)
    assert bench.call("sts", "GetCallerIdentity", session) == {
        "UserId": MEMBER,
        "Account": MEMBER,
        "Arn": f"arn:aws:iam::{MEMBER}:root",
    }


def test_a_session_holds_the_task_document_as_it_was_at_issue(bench: Bench) -> None:
    bench.switch_on()
    session = bench.assume_root(TaskPolicy.AUDIT)
    held = bench.world.identities.session(session.access_key_id)
    assert held is not None
    assert isinstance(held.task_document, NamedDocument)
    assert held.task_document.name == TaskPolicy.AUDIT.arn()
