"""What every implementation of `AwsGateway` promises, on the organization of `stage.yaml`."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    FeatureDisabledError,
    NotFoundError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState
from rootsteward.domain.root_credentials import Basis, Holding, Observation, Seen
from rootsteward.domain.task_policy import RootFeature, TaskPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootsteward.domain.receipt import Receipt
    from rootsteward.domain.root_session import RootSession
    from rootsteward.ports.aws_gateway import AwsGateway

T = TypeVar("T")

MANAGEMENT = AccountId("111111111111")
EVERYTHING = AccountId("222222222222")
NOTHING = AccountId("333333333333")
FENCED = AccountId("444444444444")
LEAVING = AccountId("555555555555")
SCP = "SERVICE_CONTROL_POLICY"


# Who, where, and the tree


def test_the_caller_is_who_the_credentials_belong_to(gateway: "AwsGateway") -> None:
    caller = gateway.caller()
    assert gateway.organization_id() == gateway.organization().id
    assert caller.account == MANAGEMENT
    assert caller.arn == "arn:aws:iam::111111111111:user/administrator"
    assert (gateway.region, gateway.partition) == ("eu-west-1", "aws")


def test_the_organization_is_read_whole(gateway: "AwsGateway") -> None:
    organization = gateway.organization()
    assert organization.management_account_id == MANAGEMENT
    assert organization.org_root.enabled_policy_types == {SCP}
    assert {account.id: account.name for account in organization.accounts} == {
        MANAGEMENT: "management",
        EVERYTHING: "everything",
        NOTHING: "nothing",
        FENCED: "fenced",
        LEAVING: "leaving",
    }
    assert organization.account(LEAVING).state is AccountState.SUSPENDED
    assert organization.account(FENCED).state is AccountState.ACTIVE
    assert [organization.label(entity) for entity in organization.path_to(FENCED)] == [
        "Root",
        "Workloads",
        "Fenced",
        "fenced",
    ]
    assert [organization.label(entity) for entity in organization.path_to(NOTHING)] == [
        "Root",
        "nothing",
    ]


def test_control_policies_are_read_with_their_text_and_attachments(gateway: "AwsGateway") -> None:
    organization = gateway.organization()
    policies = gateway.control_policies(SCP, organization.org_root)
    assert policies.enabled
    levels = policies.levels(organization, FENCED)
    assert levels is not None
    attached = [[policies.policies[d.name].name for d in level.documents] for level in levels]
    assert attached[:2] == [["FullAWSAccess"], ["FullAWSAccess"]]
    assert sorted(attached[2]) == ["FullAWSAccess", "KeepRootKeys"]
    fence = next(p for p in policies.policies.values() if p.name == "KeepRootKeys")
    assert json.loads(fence.content)["Statement"][0]["Sid"] == "KeepRootKeys"
    assert fence.content.startswith('{ "Version"')
    assert (fence.description, fence.aws_managed) == ("the one fence", False)
    assert gateway.control_policy(fence.id) == fence


def test_a_policy_type_that_is_off_says_so(gateway: "AwsGateway") -> None:
    organization = gateway.organization()
    policies = gateway.control_policies("RESOURCE_CONTROL_POLICY", organization.org_root)
    assert not policies.enabled
    assert policies.levels(organization, FENCED) is None


def test_a_policys_content_can_be_changed_and_nothing_else_of_it(gateway: "AwsGateway") -> None:
    policies = gateway.control_policies(SCP, gateway.organization().org_root)
    before = next(p for p in policies.policies.values() if p.name == "KeepRootKeys")
    content = before.content.replace("iam:DeleteAccessKey", "iam:CreateAccessKey")
    assert gateway.update_policy_content(before.id, content).request_id
    after = gateway.control_policy(before.id)
    assert after.content == content
    assert (after.name, after.description) == (before.name, before.description)


def test_a_policy_that_is_not_there_is_not_found(gateway: "AwsGateway") -> None:
    with pytest.raises(NotFoundError) as caught:
        gateway.control_policy("p-00000000")
    assert caught.value.refusal.operation == "organizations:DescribePolicy"


# The switches


def test_features_go_off_and_on_however_often_it_is_asked(gateway: "AwsGateway") -> None:
    both = frozenset(RootFeature)
    assert gateway.root_features() == both
    for _ in range(2):
        assert gateway.disable_root_feature(RootFeature.SESSIONS).request_id
        assert gateway.root_features() == {RootFeature.CREDENTIALS_MANAGEMENT}
    for _ in range(2):
        assert gateway.enable_root_feature(RootFeature.SESSIONS).request_id
        assert gateway.root_features() == both


def test_a_feature_that_is_off_refuses_its_tasks_only(gateway: "AwsGateway") -> None:
    gateway.disable_root_feature(RootFeature.SESSIONS)
    with pytest.raises(FeatureDisabledError) as caught:
        gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_BUCKET)
    assert caught.value.refusal.account == NOTHING
    assert "rootsteward enable" in caught.value.help
    assert gateway.open_root_session(NOTHING, TaskPolicy.AUDIT).account == NOTHING


def test_trusted_access_goes_off_and_on(gateway: "AwsGateway") -> None:
    assert gateway.trusted_access_enabled()
    assert gateway.disable_trusted_access().request_id
    assert not gateway.trusted_access_enabled()
    with pytest.raises(FeatureDisabledError):
        gateway.root_features()
    assert gateway.enable_trusted_access().request_id
    assert gateway.trusted_access_enabled()
    assert gateway.root_features() == frozenset(RootFeature)


def test_a_delegate_is_registered_listed_and_removed(gateway: "AwsGateway") -> None:
    assert gateway.delegated_administrators() == ()
    assert gateway.register_delegated_administrator(NOTHING).request_id
    assert gateway.delegated_administrators() == (NOTHING,)
    with pytest.raises(AwsRefusedError) as caught:
        gateway.disable_trusted_access()
    assert caught.value.refusal.code == "ConstraintViolationException"
    assert gateway.deregister_delegated_administrator(NOTHING).request_id
    assert gateway.delegated_administrators() == ()


# Root sessions


@pytest.mark.parametrize("task", TaskPolicy)
def test_a_session_is_issued_for_each_task(gateway: "AwsGateway", task: TaskPolicy) -> None:
    session = gateway.open_root_session(EVERYTHING, task, duration_seconds=120)
    assert (session.account, session.task) == (EVERYTHING, task)
    assert session.access_key_id.startswith("ASIA")
    assert session.expires_at.utcoffset() == timedelta(0)
    assert session.secret_access_key.reveal() not in repr(session)
    assert session.session_token.reveal() not in repr(session)


@pytest.mark.parametrize("account", [MANAGEMENT, AccountId("000000000000")])
def test_there_is_no_session_on_the_management_account_nor_outside_the_organization(
    gateway: "AwsGateway", account: AccountId
) -> None:
    with pytest.raises(AccessDeniedError) as caught:
        gateway.open_root_session(account, TaskPolicy.AUDIT)
    refusal = caught.value.refusal
    assert (refusal.operation, refusal.account) == ("sts:AssumeRoot", account)
    assert "not authorized to perform: sts:AssumeRoot" in refusal.message
    assert refusal.request_id


def test_a_session_does_what_its_task_covers_and_nothing_else(gateway: "AwsGateway") -> None:
    audit = gateway.open_root_session(EVERYTHING, TaskPolicy.AUDIT)
    with pytest.raises(AccessDeniedError) as caught:
        gateway.delete_password(audit)
    assert caught.value.refusal.operation == "iam:DeleteLoginProfile"
    assert caught.value.refusal.account == EVERYTHING
    assert gateway.password(audit) is not None
    delete = gateway.open_root_session(EVERYTHING, TaskPolicy.DELETE_CREDENTIALS)
    with pytest.raises(AccessDeniedError):
        gateway.credential_summary(delete)


# Looking at credentials


def seen(observation: "Observation[Holding[T]]") -> tuple[int, Basis]:
    assert isinstance(observation, Seen)
    return observation.value.count, observation.basis


def test_the_summary_shows_each_kind_as_one_bit(gateway: "AwsGateway") -> None:
    for account, bit in {EVERYTHING: 1, NOTHING: 0}.items():
        summary = gateway.credential_summary(gateway.open_root_session(account, TaskPolicy.AUDIT))
        assert seen(summary.password) == (bit, Basis.SUMMARY)
        assert seen(summary.access_keys) == (bit, Basis.SUMMARY)
        assert seen(summary.certificates) == (bit, Basis.SUMMARY)
        assert seen(summary.mfa) == (bit, Basis.SUMMARY)


def test_the_lists_show_every_credential(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(EVERYTHING, TaskPolicy.AUDIT)
    password = gateway.password(session)
    assert password is not None
    assert password.created_at is not None
    keys = gateway.access_keys(session)
    assert sorted(key.active or False for key in keys) == [False, True]
    assert all(key.last_used_at is None for key in keys)
    assert len(gateway.signing_certificates(session)) == 1
    assert {device.serial.startswith("arn:") for device in gateway.mfa_devices(session)} == {
        True,
        False,
    }


def test_the_last_use_of_a_key_is_added_to_what_is_known(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(EVERYTHING, TaskPolicy.AUDIT)
    active, idle = sorted(gateway.access_keys(session), key=lambda key: not key.active)
    used = gateway.access_key_last_used(session, active)
    assert (used.id, used.active, used.created_at) == (active.id, True, active.created_at)
    assert (used.last_used_service, used.last_used_region) == ("s3", "eu-west-1")
    assert used.last_used_at is not None
    assert gateway.access_key_last_used(session, idle) == idle


def test_an_account_without_credentials_has_none_in_any_list(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.AUDIT)
    assert gateway.password(session) is None
    assert gateway.access_keys(session) == ()
    assert gateway.signing_certificates(session) == ()
    assert gateway.mfa_devices(session) == ()


# Deleting and recovering


def test_what_is_deleted_is_gone_for_the_same_session(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(EVERYTHING, TaskPolicy.DELETE_CREDENTIALS)
    receipts = [gateway.delete_password(session)]
    for key in gateway.access_keys(session):
        receipts += [gateway.delete_access_key(session, key.id)]
    for certificate in gateway.signing_certificates(session):
        receipts += [gateway.delete_signing_certificate(session, certificate.id)]
    for device in gateway.mfa_devices(session):
        receipts += [gateway.deactivate_mfa_device(session, device.serial)]
    ids = {session.request_id, *(receipt.request_id for receipt in receipts)}
    assert "" not in ids
    assert len(ids) == len(receipts) + 1
    assert gateway.password(session) is None
    assert gateway.access_keys(session) == ()
    assert gateway.signing_certificates(session) == ()
    assert gateway.mfa_devices(session) == ()


DELETIONS: "dict[str, Callable[[AwsGateway, RootSession], Receipt]]" = {
    "iam:DeleteLoginProfile": lambda gateway, session: gateway.delete_password(session),
    "iam:DeleteAccessKey": lambda gateway, session: gateway.delete_access_key(
        session, "AKIA0000000000000000"
    ),
    "iam:DeleteSigningCertificate": lambda gateway, session: gateway.delete_signing_certificate(
        session, "A" * 32
    ),
    "iam:DeactivateMFADevice": lambda gateway, session: gateway.deactivate_mfa_device(
        session, "arn:aws:iam::333333333333:mfa/none"
    ),
}


@pytest.mark.parametrize("operation", DELETIONS)
def test_deleting_what_is_not_there_is_not_found(gateway: "AwsGateway", operation: str) -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.DELETE_CREDENTIALS)
    with pytest.raises(NotFoundError) as caught:
        DELETIONS[operation](gateway, session)
    assert caught.value.refusal.operation == operation


def test_a_control_policy_stops_a_session_that_was_issued(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(FENCED, TaskPolicy.DELETE_CREDENTIALS)
    (key,) = gateway.access_keys(session)
    with pytest.raises(AccessDeniedError) as caught:
        gateway.delete_access_key(session, key.id)
    assert "service control policy" in caught.value.refusal.message
    assert gateway.access_keys(session) == (key,)


def test_recovery_is_opened_once_and_then_only_a_password_is_present(
    gateway: "AwsGateway",
) -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.CREATE_PASSWORD)
    assert gateway.create_password(session).request_id
    with pytest.raises(AwsRefusedError) as caught:
        gateway.create_password(session)
    assert caught.value.refusal.code == "EntityAlreadyExists"
    opened = gateway.password(session)
    assert opened is not None
    assert opened.created_at is not None
    audit = gateway.open_root_session(NOTHING, TaskPolicy.AUDIT)
    summary = gateway.credential_summary(audit)
    assert seen(summary.password) == (1, Basis.SUMMARY)
    assert seen(summary.mfa) == (0, Basis.SUMMARY)


# Buckets and queues


def test_buckets_are_listed_with_their_regions(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_BUCKET)
    assert sorted(gateway.buckets(session)) == [
        ("contract-locked-bucket", "us-east-1"),
        ("contract-open-bucket", "eu-west-1"),
    ]


def test_a_bucket_in_another_region_is_read_changed_and_unlocked(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_BUCKET)
    bucket = "contract-locked-bucket"
    locked = gateway.bucket_policy(session, bucket)
    assert locked is not None
    assert json.loads(locked)["Statement"][0]["Effect"] == "Deny"
    narrowed = locked.replace("s3:*", "s3:PutBucketPolicy")
    assert gateway.put_bucket_policy(session, bucket, narrowed).request_id
    now = gateway.bucket_policy(session, bucket)
    assert now is not None
    assert json.loads(now) == json.loads(narrowed)
    assert gateway.delete_bucket_policy(session, bucket).request_id
    assert gateway.bucket_policy(session, bucket) is None


def test_a_bucket_that_is_not_there_is_not_found(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_BUCKET)
    assert gateway.bucket_policy(session, "contract-open-bucket") is None
    with pytest.raises(NotFoundError) as caught:
        gateway.bucket_policy(session, "contract-no-such-bucket")
    assert caught.value.refusal.code == "NoSuchBucket"


def test_a_queue_is_found_read_and_unlocked(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_QUEUE)
    url = gateway.queue_url(session, "eu-west-1", "contract-locked-queue")
    assert url in gateway.queues(session, "eu-west-1")
    assert len(gateway.queues(session, "eu-west-1")) == 2
    assert gateway.queues(session, "us-east-1") == ()
    locked = gateway.queue_policy(session, "eu-west-1", url)
    assert locked is not None
    narrowed = locked.replace("sqs:*", "sqs:SendMessage")
    assert gateway.set_queue_policy(session, "eu-west-1", url, narrowed).request_id
    now = gateway.queue_policy(session, "eu-west-1", url)
    assert now is not None
    assert json.loads(now) == json.loads(narrowed)
    assert gateway.set_queue_policy(session, "eu-west-1", url, "").request_id
    assert gateway.queue_policy(session, "eu-west-1", url) is None


def test_the_regions_with_queues_are_known_without_asking(gateway: "AwsGateway") -> None:
    regions = gateway.queue_regions()
    assert {"eu-west-1", "us-east-1"} <= set(regions)
    assert list(regions) == sorted(set(regions))


def test_a_region_that_is_not_enabled_knows_nobody(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_QUEUE)
    with pytest.raises(AwsRefusedError) as caught:
        gateway.queues(session, "sa-east-1")
    assert caught.value.refusal.code == "InvalidClientTokenId"


def test_a_queue_that_is_not_there_is_not_found(gateway: "AwsGateway") -> None:
    session = gateway.open_root_session(NOTHING, TaskPolicy.UNLOCK_QUEUE)
    with pytest.raises(NotFoundError):
        gateway.queue_url(session, "eu-west-1", "contract-no-such-queue")
    with pytest.raises(NotFoundError):
        gateway.queue_url(session, "us-east-1", "contract-locked-queue")


# What all this leaves behind


def test_findings_and_trail_lead_from_an_act_to_the_session_behind_it(
    gateway: "AwsGateway",
) -> None:
    began_at = datetime.now(UTC) - timedelta(minutes=5)
    session = gateway.open_root_session(EVERYTHING, TaskPolicy.AUDIT)
    gateway.password(session)
    wanted = "Policy:IAMUser/ShortTermRootCredentialUsage"
    mine = [
        finding
        for finding in gateway.findings("us-east-1", types=[wanted])
        if finding.access_key_id == session.access_key_id
    ]
    assert mine
    assert {(finding.type, finding.account) for finding in mine} == {(wanted, EVERYTHING)}
    (event,) = (
        event
        for event in gateway.assume_root_events("eu-west-1", began_at)
        if event.issued_access_key_id == session.access_key_id
    )
    assert event.target_account == EVERYTHING
    assert event.task_policy_arn == TaskPolicy.AUDIT.arn()
    assert event.principal_arn == gateway.caller().arn
    assert event.account == MANAGEMENT
    assert event.at >= began_at


def test_findings_of_other_types_are_left_out(gateway: "AwsGateway") -> None:
    gateway.password(gateway.open_root_session(EVERYTHING, TaskPolicy.AUDIT))
    assert list(gateway.findings("us-east-1", types=["Recon:Nothing/OfTheKind"])) == []
    assert list(gateway.findings("us-east-1")) != []


def test_trail_events_come_newest_first(gateway: "AwsGateway") -> None:
    began_at = datetime.now(UTC) - timedelta(minutes=5)
    issued = [
        gateway.open_root_session(account, TaskPolicy.AUDIT).access_key_id
        for account in (EVERYTHING, NOTHING, FENCED)
    ]
    events = gateway.assume_root_events("eu-west-1", began_at)
    assert [event.issued_access_key_id for event in events] == issued[::-1]
