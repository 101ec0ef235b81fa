"""The article scenario tells the story it promises."""

import json
from collections.abc import Callable

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState
from rootsteward.domain.task_policy import RootFeature, TaskPolicy
from rootsteward.sandbox.call import Call, Caller, Output, ServiceError
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import KeyIdentity, identities
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

HOME = "ap-northeast-1"
PAYMENTS = AccountId("666666666666")
QUEUE_URL = f"http://127.0.0.1:4566/{PAYMENTS}/payments-orders"

Act = Callable[..., Output]


@pytest.fixture
def act(article: World) -> Act:
    """Makes calls as the management profile, or as another caller."""
    sandbox = Sandbox(article)

    def call(service: str, operation: str, by: Caller | None = None, **params: object) -> Output:
        caller = by or profile(article, "management")
        request_id = ids.request_id(article.random)
        return sandbox.carry_out(
            Call(service, operation, params, HOME, caller, request_id, article.now())
        )

    return call


def profile(world: World, name: str) -> Caller:
    found = next(identity for identity in identities(world) if identity.profile == name)
    assert isinstance(found, KeyIdentity)
    return key_caller(world, found.access_key_id)


def key_caller(world: World, access_key_id: str) -> Caller:
    credential = world.credential(access_key_id)
    assert credential is not None
    return credential.caller


def switch_on(world: World) -> None:
    world.organization.services.trust(IAM_SERVICE, world.now())
    for feature in RootFeature:
        world.organization.root_features.enable(feature)


def root_session(world: World, act: Act, account: str, task: TaskPolicy) -> Caller:
    output = act("sts", "AssumeRoot", TargetPrincipal=account, TaskPolicyArn={"arn": task.arn()})
    return key_caller(world, output["Credentials"]["AccessKeyId"])


def members(world: World) -> list[AccountId]:
    organization = world.organization
    return [a for a in organization.accounts if a != organization.management_account_id]


def test_centralized_root_access_is_off_at_the_start(article: World) -> None:
    organization = article.organization
    assert not organization.services.is_trusted(IAM_SERVICE)
    assert organization.root_features.listed() == ()
    assert organization.services.delegates_of(IAM_SERVICE) == {}


def test_home_is_tokyo(article: World) -> None:
    assert article.regions == (HOME, "us-east-1")


def test_a_dozen_members_are_active_and_one_is_suspended(article: World) -> None:
    states = [article.organization.accounts[account].state for account in members(article)]
    assert states.count(AccountState.ACTIVE) == 12
    assert states.count(AccountState.SUSPENDED) == 1


def test_every_active_member_denies_the_audit_at_first(article: World, act: Act) -> None:
    switch_on(article)
    for account in filter(article.organization.is_active, members(article)):
        session = root_session(article, act, account, TaskPolicy.AUDIT)
        with pytest.raises(ServiceError) as caught:
            act("iam", "GetAccountSummary", session)
        assert caught.value.code == "AccessDenied"
        assert "with an explicit deny in a service control policy" in caught.value.message


def test_recovery_is_denied_by_another_policy_once_the_first_is_out_of_the_way(
    article: World, act: Act
) -> None:
    switch_on(article)
    policies = article.organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRootUser")
    other = policies.named("SERVICE_CONTROL_POLICY", "DenyLongTermCredentials")
    assert guilty is not None
    assert other is not None
    for target in list(policies.targets_of(guilty)):
        policies.detach(guilty, target)
    session = root_session(article, act, PAYMENTS, TaskPolicy.CREATE_PASSWORD)
    with pytest.raises(ServiceError) as caught:
        act("iam", "CreateLoginProfile", session)
    assert policies.policies[other].arn in caught.value.message


def test_the_policies_have_their_published_sids(article: World) -> None:
    contents = {
        policy.name: json.loads(policy.content)
        for policy in article.organization.policies.policies.values()
        if not policy.aws_managed
    }
    assert {name: c["Statement"][0]["Sid"] for name, c in contents.items()} == {
        "DenyRootUser": "DenyRootUser",
        "DenyLongTermCredentials": "DenyLongTermCredentials",
    }


def test_root_credentials_differ_from_account_to_account(article: World) -> None:
    held = {
        article.organization.accounts[account].name: (
            holdings.password is not None,
            [(key.active, key.last_used_at is not None) for key in holdings.access_keys.values()],
            len(holdings.certificates),
            [serial.split(":")[-1].partition("/")[0] for serial in holdings.mfa_devices],
        )
        for account in members(article)
        if (holdings := article.root_users.of(account).holdings)
    }
    assert held["legacy-billing"] == (True, [(True, True), (False, False)], 0, ["mfa"])
    assert held["sandbox-akari"] == (True, [], 1, [])
    assert held["sandbox-ren"] == (False, [(True, False)], 0, [])
    assert held["shared-services"] == (True, [], 0, [])
    assert held["network"][3][0] == "u2f"
    assert held["network"][3][1].startswith("GAHT")
    assert held.keys().isdisjoint({"payments-prod", "data-platform-prod", "storefront-dev"})


def test_bucket_and_queue_are_locked_against_their_administrator(article: World, act: Act) -> None:
    output = act(
        "sts",
        "AssumeRole",
        RoleArn=f"arn:aws:iam::{PAYMENTS}:role/PaymentsAdmin",
        RoleSessionName="practice",
    )
    admin = key_caller(article, output["Credentials"]["AccessKeyId"])
    act("s3", "GetObject", admin, Bucket="hinode-payments-exports", Key="readme.txt")
    for service, operation, params in (
        ("s3", "GetBucketPolicy", {"Bucket": "hinode-payments-receipts"}),
        ("s3", "DeleteBucketPolicy", {"Bucket": "hinode-payments-receipts"}),
        ("sqs", "SetQueueAttributes", {"QueueUrl": QUEUE_URL, "Attributes": {"Policy": ""}}),
    ):
        with pytest.raises(ServiceError) as caught:
            act(service, operation, admin, **params)
        assert "with an explicit deny in a resource-based policy" in caught.value.message


def test_the_management_profile_sees_the_findings(article: World, act: Act) -> None:
    switch_on(article)
    session = root_session(article, act, PAYMENTS, TaskPolicy.AUDIT)
    with pytest.raises(ServiceError):
        act("iam", "GetAccountSummary", session)
    (detector_id,) = act("guardduty", "ListDetectors")["DetectorIds"]
    listed = act("guardduty", "ListFindings", DetectorId=detector_id)["FindingIds"]
    shown = act("guardduty", "GetFindings", DetectorId=detector_id, FindingIds=listed)
    keys = {f["Resource"]["AccessKeyDetails"]["AccessKeyId"] for f in shown["Findings"]}
    assert keys == {session.access_key_id}


def test_the_operator_may_open_two_of_the_five_tasks(article: World, act: Act) -> None:
    switch_on(article)
    operator = profile(article, "operator")
    may = []
    for task in TaskPolicy:
        try:
            act(
                "sts",
                "AssumeRoot",
                operator,
                TargetPrincipal=PAYMENTS,
                TaskPolicyArn={"arn": task.arn()},
            )
            may.append(task)
        except ServiceError as error:
            assert error.code == "AccessDenied"  # noqa: PT017 (some are refused, some are not)
    assert may == [TaskPolicy.AUDIT, TaskPolicy.DELETE_CREDENTIALS]


def test_identity_center_has_left_its_roles_everywhere(article: World) -> None:
    for account in article.organization.accounts:
        names = [role.name for role in article.identities.roles_in(account)]
        assert any(name.startswith("AWSReservedSSO_AdministratorAccess_") for name in names)
