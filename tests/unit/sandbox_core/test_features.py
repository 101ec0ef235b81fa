from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, boto_client

if TYPE_CHECKING:
    from sandbox_bench import Bench

ENABLE = ("EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions")
DISABLE = ("DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions")
ALL = ("ListOrganizationsFeatures", *ENABLE, *DISABLE)


@pytest.fixture
def trusted(bench: Bench) -> Bench:
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    services.delegate(bench.callers["delegate"].account, IAM_SERVICE, bench.clock())
    return bench


def test_features_are_listed_in_the_recorded_order_whatever_the_order_of_enabling(
    trusted: Bench,
) -> None:
    for operation in ENABLE:
        output = trusted.call("iam", operation)
    assert output["EnabledFeatures"] == ["RootSessions", "RootCredentialsManagement"]
    assert output["OrganizationId"] == trusted.world.organization.id
    assert re.fullmatch("o-[a-z0-9]{10,32}", output["OrganizationId"])


@pytest.mark.parametrize(
    ("on", "off", "feature"),
    list(zip(ENABLE, DISABLE, ("RootCredentialsManagement", "RootSessions"), strict=True)),
)
def test_enabling_and_disabling_twice_changes_nothing(
    trusted: Bench, on: str, off: str, feature: str
) -> None:
    for _ in range(2):
        assert trusted.call("iam", on)["EnabledFeatures"] == [feature]
    for operation in ENABLE:
        trusted.call("iam", operation)
    for _ in range(2):
        left = trusted.call("iam", off)["EnabledFeatures"]
        assert left == [
            name for name in ("RootSessions", "RootCredentialsManagement") if name != feature
        ]


@pytest.mark.parametrize("operation", ALL)
def test_without_trusted_access_every_call_says_so(bench: Bench, operation: str) -> None:
    error = bench.refusal("iam", operation)
    assert (error.code, error.http_status) == ("ServiceAccessNotEnabledException", 400)
    assert error.message == (
        "Trusted Access for IAM not enabled by organization of input account 111111111111."
    )


@pytest.mark.parametrize("operation", ENABLE)
def test_a_delegate_cannot_enable(trusted: Bench, operation: str) -> None:
    error = trusted.refusal("iam", operation, "delegate")
    assert error.code == "CallerIsNotManagementAccountException"
    assert error.message == (
        "Caller account 222222222222 is not management account of the organization and cannot "
        "enable IAM features."
    )


def test_a_delegate_can_list_and_disable(trusted: Bench) -> None:
    trusted.call("iam", ENABLE[0])
    listed = trusted.call("iam", "ListOrganizationsFeatures", "delegate")
    assert listed["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert trusted.call("iam", DISABLE[0], "delegate")["EnabledFeatures"] == []


@pytest.mark.parametrize("operation", ["ListOrganizationsFeatures", *DISABLE])
def test_an_ordinary_member_has_no_say(trusted: Bench, operation: str) -> None:
    services = trusted.world.organization.services
    services.trust("guardduty.amazonaws.com", trusted.clock())
    services.delegate(MEMBER, "guardduty.amazonaws.com", trusted.clock())
    error = trusted.refusal("iam", operation, "member")
    assert error.code == "AccountNotManagementOrDelegatedAdministratorException"
    assert error.message == (
        "Input account 333333333333 is neither management account nor delegated admin."
    )


@pytest.mark.parametrize("operation", ALL)
def test_standing_is_looked_at_before_trusted_access(bench: Bench, operation: str) -> None:
    error = bench.refusal("iam", operation, "member")
    assert error.code == (
        "CallerIsNotManagementAccountException"
        if operation in ENABLE
        else "AccountNotManagementOrDelegatedAdministratorException"
    )


def test_an_account_outside_has_no_organization(trusted: Bench) -> None:
    error = trusted.refusal("iam", "ListOrganizationsFeatures", "outsider")
    assert error.code == "OrganizationNotFoundException"


@pytest.mark.parametrize(
    ("name", "operation", "code"),
    [
        ("delegate", "enable_organizations_root_sessions", "CallerIsNotManagementAccount"),
        ("member", "list_organizations_features", "AccountNotManagementOrDelegatedAdministrator"),
        ("outsider", "list_organizations_features", "OrganizationNotFound"),
        ("management", "list_organizations_features", "ServiceAccessNotEnabled"),
    ],
)
def test_codes_on_the_wire_have_the_suffix_by_which_clients_know_them(
    trusted: Bench, name: str, operation: str, code: str
) -> None:
    trusted.clock.at = datetime.now(UTC)
    if name == "management":
        trusted.world.organization.services.undelegate(DELEGATE, IAM_SERVICE)
        trusted.world.organization.services.distrust(IAM_SERVICE)
    client = boto_client(trusted.sandbox, "iam", trusted.callers[name].access_key_id)
    with pytest.raises(getattr(client.exceptions, f"{code}Exception")) as caught:
        getattr(client, operation)()
    assert caught.value.response["Error"]["Code"] == f"{code}Exception"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def statement(effect: str, action: str, resource: str = "*") -> dict[str, str]:
    return {"Effect": effect, "Action": action, "Resource": resource}


DENY_ORGANIZATIONS = statement("Deny", "organizations:*")


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ([DENY_ORGANIZATIONS], "because no identity-based policy allows the {} action"),
        (
            [statement("Allow", "*"), statement("Deny", "iam:*Organizations*")],
            "with an explicit deny in an identity-based policy",
        ),
        (
            [statement("Allow", "iam:*", "arn:aws:organizations::*:*")],
            "because no identity-based policy allows the {} action",
        ),
    ],
    ids=["implicit", "explicit", "of another resource"],
)
@pytest.mark.parametrize("operation", ALL)
def test_iam_denies_before_anything_else_is_looked_at(
    bench: Bench, operation: str, statements: list[dict[str, str]], why: str
) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    user = bench.add_user(MANAGEMENT, "nobody", document)
    error = bench.refusal("iam", operation, user)
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message == (
        "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: "
        f"iam:{operation} on resource: * {why.format(f'iam:{operation}')}"
    )


@pytest.mark.parametrize("operation", ALL)
def test_the_permission_of_iam_is_enough(trusted: Bench, operation: str) -> None:
    statements = [statement("Allow", f"iam:{operation}"), DENY_ORGANIZATIONS]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    user = trusted.add_user(MANAGEMENT, "operator", document)
    assert "EnabledFeatures" in trusted.call("iam", operation, user)


def test_switching_a_feature_touches_no_root_credentials(trusted: Bench) -> None:
    root_user = trusted.root_key(MEMBER)
    password = trusted.world.root_users.open_recovery(MEMBER, trusted.clock())
    for operation in (*ENABLE, *DISABLE):
        trusted.call("iam", operation)
        holdings = trusted.world.root_users.of(MEMBER).holdings
        assert list(holdings.access_keys) == [root_user.access_key_id]
        assert holdings.password == password
    assert trusted.call("iam", "GetUser", root_user)["User"]["UserId"] == MEMBER


def test_flags_survive_trusted_access_going_off_and_on(bench: Bench) -> None:
    access = {"ServicePrincipal": IAM_SERVICE}
    bench.call("organizations", "EnableAWSServiceAccess", **access)
    bench.call("iam", ENABLE[1])
    bench.call("organizations", "DisableAWSServiceAccess", **access)
    assert bench.refusal("iam", "ListOrganizationsFeatures").code == (
        "ServiceAccessNotEnabledException"
    )
    bench.call("organizations", "EnableAWSServiceAccess", **access)
    listed = bench.call("iam", "ListOrganizationsFeatures")["EnabledFeatures"]
    assert listed == [RootFeature.SESSIONS.value]
