import copy
import pickle
from dataclasses import replace

import pytest

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.errors import AwsRefusedError, InputError, Refusal
from rootsteward.domain.identifiers import AccountId, Arn, root_user_arn
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.root_credentials import MfaDevice, MfaKind
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import RootFeature, TaskPolicy

MANAGEMENT = AccountId("111111111111")
MEMBER = AccountId("222222222222")

ORGANIZATION = Organization(
    id="o-exampleorgid",
    management_account_id=MANAGEMENT,
    org_root=OrgRoot("r-exam"),
    units=(
        OrganizationalUnit("ou-exam-aaaaaaaa", "Workloads", "r-exam"),
        OrganizationalUnit("ou-exam-bbbbbbbb", "Prod", "ou-exam-aaaaaaaa"),
    ),
    accounts=(
        Account(MANAGEMENT, "mgmt", "m@example.com", AccountState.ACTIVE, "r-exam"),
        Account(MEMBER, "shop", "s@example.com", AccountState.ACTIVE, "ou-exam-bbbbbbbb"),
    ),
)


@pytest.mark.parametrize(
    "text", ["", "1", "12345678901", "1234567890123", "12345678901x", "\uff11" * 12]
)
def test_an_account_id_is_twelve_ascii_digits(text: str) -> None:
    with pytest.raises(InputError, match="is not an account id"):
        AccountId(text)


def test_an_arn_keeps_the_colons_of_its_resource() -> None:
    text = "arn:aws:logs:eu-west-1:222222222222:log-group:name:*"
    assert Arn.parse(text).resource == "log-group:name:*"
    assert str(Arn.parse(text)) == text


@pytest.mark.parametrize("text", ["", "arn:aws:iam", "urn:aws:iam::222222222222:root"])
def test_half_an_arn_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not an ARN"):
        Arn.parse(text)


def test_the_root_user_arn_follows_the_partition() -> None:
    assert root_user_arn(MEMBER, "aws-cn") == "arn:aws-cn:iam::222222222222:root"


def test_the_path_runs_from_the_org_root_to_the_account() -> None:
    assert ORGANIZATION.path_to(MEMBER) == (
        "r-exam",
        "ou-exam-aaaaaaaa",
        "ou-exam-bbbbbbbb",
        "222222222222",
    )


def test_an_account_outside_the_organization_is_named() -> None:
    with pytest.raises(InputError, match="account `333333333333` is not in organization"):
        ORGANIZATION.path_to(AccountId("333333333333"))


def test_the_management_account_is_not_a_member() -> None:
    assert [a.id for a in ORGANIZATION.members()] == [MEMBER]


def test_a_disabled_policy_type_differs_from_an_empty_level() -> None:
    policy = ControlPolicy(
        "p-1", "Full", "arn", "", "SERVICE_CONTROL_POLICY", aws_managed=True, content="{}"
    )
    policies = ControlPolicies(
        "SERVICE_CONTROL_POLICY",
        enabled=True,
        policies={"p-1": policy},
        attached={"r-exam": ("p-1",)},
    )
    levels = policies.levels(ORGANIZATION, MEMBER)
    assert levels is not None
    assert [len(level.documents) for level in levels] == [1, 0, 0, 0]
    assert policies.levels(ORGANIZATION, MANAGEMENT) is None
    assert replace(policies, enabled=False).levels(ORGANIZATION, MEMBER) is None


def test_every_task_policy_is_found_by_its_arn() -> None:
    for task in TaskPolicy:
        assert TaskPolicy.from_arn(task.arn("aws-us-gov")) is task
    with pytest.raises(InputError, match="is not a root task policy"):
        TaskPolicy.from_arn("arn:aws:iam::aws:policy/ReadOnlyAccess")


def test_unlock_tasks_need_the_sessions_feature() -> None:
    needing = {task for task in TaskPolicy if task.feature is RootFeature.SESSIONS}
    assert needing == {TaskPolicy.UNLOCK_BUCKET, TaskPolicy.UNLOCK_QUEUE}


def test_a_secret_is_never_shown() -> None:
    secret = Secret("hunter2")
    shown = f"{secret} {secret!r} {secret:>30} {[secret]} {secret.__reduce_ex__}"
    assert "hunter2" not in shown


def test_a_secret_is_never_stored() -> None:
    with pytest.raises(TypeError, match="never stored"):
        pickle.dumps(Secret("hunter2"))
    with pytest.raises(TypeError, match="never stored"):
        copy.deepcopy(Secret("hunter2"))


def test_a_refusal_keeps_the_words_of_aws() -> None:
    error = AwsRefusedError(Refusal("AccessDenied", "User: x is not …", "sts:AssumeRoot", "req-1"))
    assert str(error) == "aws refused sts:AssumeRoot: AccessDenied: User: x is not …"
    assert error.refusal.request_id == "req-1"


@pytest.mark.parametrize(
    ("serial", "kind"),
    [
        (f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device", MfaKind.VIRTUAL),
        (f"arn:aws-cn:iam::{MEMBER}:mfa/phone", MfaKind.VIRTUAL),
        (f"arn:aws:iam::{MEMBER}:u2f/root/key-ABC", MfaKind.PASSKEY),
        ("GAHT12345678", MfaKind.HARDWARE),
    ],
)
def test_a_serial_tells_what_kind_of_device_it_is(serial: str, kind: MfaKind) -> None:
    assert MfaDevice(serial).kind is kind
