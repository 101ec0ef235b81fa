"""The ARNs of Organizations: all of them carry the management account's id."""

from typing import TYPE_CHECKING

from rootsteward.sandbox.world.organization import OrganizationState

if TYPE_CHECKING:
    from rootsteward.domain.control_policies import ControlPolicy


def organization_arn(organization: OrganizationState) -> str:
    """The organization itself."""
    return f"{_prefix(organization)}:organization/{organization.id}"


def account_arn(organization: OrganizationState, account_id: str) -> str:
    """An account, known or not."""
    return f"{_prefix(organization)}:account/{organization.id}/{account_id}"


def unit_arn(organization: OrganizationState, unit_id: str) -> str:
    """An organizational unit, known or not."""
    return f"{_prefix(organization)}:ou/{organization.id}/{unit_id}"


def org_root_arn(organization: OrganizationState, org_root_id: str) -> str:
    """The organization root."""
    return f"{_prefix(organization)}:root/{organization.id}/{org_root_id}"


def new_policy_arn(organization: OrganizationState, policy_type: str, policy_id: str) -> str:
    """A policy of the organization's own."""
    return f"{_prefix(organization)}:policy/{organization.id}/{policy_type.lower()}/{policy_id}"


def policy_arn(organization: OrganizationState, policy_id: str) -> str:
    """A policy by its id; one that does not exist has any type."""
    policy: ControlPolicy | None = organization.policies.policies.get(policy_id)
    return policy.arn if policy else new_policy_arn(organization, "*", policy_id)


def resource_policy_arn(organization: OrganizationState, policy_id: str) -> str:
    """The organization's resource policy."""
    return f"{_prefix(organization)}:resourcepolicy/{organization.id}/{policy_id}"


def entity_arn(organization: OrganizationState, entity_id: str) -> str:
    """An org root, a unit, a policy or an account, told apart by the form of the id."""
    if entity_id.startswith("r-"):
        return org_root_arn(organization, entity_id)
    if entity_id.startswith("ou-"):
        return unit_arn(organization, entity_id)
    if entity_id.startswith("p-"):
        return policy_arn(organization, entity_id)
    return account_arn(organization, entity_id)


def _prefix(organization: OrganizationState) -> str:
    return f"arn:aws:organizations::{organization.management_account_id}"
