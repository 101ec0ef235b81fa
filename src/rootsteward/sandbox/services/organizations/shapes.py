"""What Organizations shows of accounts, units, policies and the organization."""

from datetime import datetime
from typing import Any

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.sandbox.services.organizations import arns
from rootsteward.sandbox.world.account_requests import AccountRequest
from rootsteward.sandbox.world.organization import OrganizationState

# WHY Any: outputs have the shapes of botocore's models, as `Output` in `sandbox.call` does.
Shown = dict[str, Any]

# The older word for a state; what an account has that is not active yet is not known.
_STATUS = {
    AccountState.ACTIVE: "ACTIVE",
    AccountState.SUSPENDED: "SUSPENDED",
    AccountState.PENDING_CLOSURE: "PENDING_CLOSURE",
    AccountState.CLOSED: "SUSPENDED",
}


def account(organization: OrganizationState, shown: Account) -> Shown:
    """An account: its standing and where it is (rule card ORG-04)."""
    return {**administrator(organization, shown), "Paths": [organization.account_path(shown.id)]}


def administrator(organization: OrganizationState, shown: Account) -> Shown:
    """What accounts and delegated administrators have in common."""
    is_management = shown.id == organization.management_account_id
    return {
        "Id": shown.id,
        "Arn": arns.account_arn(organization, shown.id),
        "Email": shown.email,
        "Name": shown.name,
        "State": shown.state.value,
        **_status(shown.state),
        "JoinedMethod": "INVITED" if is_management else "CREATED",
        **_times(JoinedTimestamp=shown.joined_at),
    }


def _status(state: AccountState) -> Shown:
    return {"Status": _STATUS[state]} if state in _STATUS else {}


def unit(organization: OrganizationState, shown: OrganizationalUnit) -> Shown:
    """An organizational unit."""
    return {
        "Id": shown.id,
        "Arn": arns.unit_arn(organization, shown.id),
        "Name": shown.name,
        "Path": "/".join((organization.id, *organization.path_to(shown.id))) + "/",
    }


def org_root(organization: OrganizationState, pending: str = "") -> Shown:
    """The organization root, its policy types in alphabetical order (recorded).

    `pending` is a policy type that is being enabled.
    """
    return {
        "Id": organization.org_root_id,
        "Arn": arns.org_root_arn(organization, organization.org_root_id),
        "Name": "Root",
        "PolicyTypes": policy_types(organization, pending),
    }


def policy_types(organization: OrganizationState, pending: str = "") -> list[Shown]:
    """The enabled policy types, one of them maybe not yet."""
    return [
        {"Type": policy_type, "Status": "PENDING_ENABLE" if policy_type == pending else "ENABLED"}
        for policy_type in sorted(organization.policies.enabled_types)
    ]


def policy_summary(shown: ControlPolicy) -> Shown:
    """A policy without its document."""
    return {
        "Id": shown.id,
        "Arn": shown.arn,
        "Name": shown.name,
        "Description": shown.description,
        "Type": shown.type,
        "AwsManaged": shown.aws_managed,
    }


def policy(shown: ControlPolicy) -> Shown:
    """A policy with its document."""
    return {"PolicySummary": policy_summary(shown), "Content": shown.content}


def account_request(shown: AccountRequest) -> Shown:
    """How far a request to create an account is."""
    output: Shown = {
        "Id": shown.id,
        "AccountName": shown.name,
        "State": shown.state.value,
        **_times(RequestedTimestamp=shown.requested_at, CompletedTimestamp=shown.completed_at),
    }
    if shown.account is not None:
        output["AccountId"] = shown.account
    if shown.failure_reason is not None:
        output["FailureReason"] = shown.failure_reason
    return output


def _times(**times: datetime | None) -> Shown:
    return {name: at for name, at in times.items() if at is not None}
