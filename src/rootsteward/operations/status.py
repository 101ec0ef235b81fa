"""Where centralized root access stands in this organization, and where we stand in it.

Reads only. Each fact is a value of its own: what could not be read says so and hides no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from rootsteward.domain.errors import FeatureDisabledError, RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization
from rootsteward.domain.root_credentials import Basis, Observation, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.observe import not_seen
from rootsteward.ports.aws_gateway import CallerReader, OrganizationReader, RootAccessSwitches

T = TypeVar("T")

_ORDINARY_MEMBER = "AccountNotManagementOrDelegatedAdministratorException"


class Standing(StrEnum):
    """What the caller's account is in the organization."""

    MANAGEMENT = "management account"
    DELEGATE = "delegated administrator"
    MEMBER = "ordinary member account"
    UNKNOWN = "unknown"


class StatusReader(CallerReader, OrganizationReader, RootAccessSwitches, Protocol):
    """What `gather` reads from."""


@dataclass(frozen=True, slots=True)
class Status:
    """The facts of `status`, and of every plan that switches something.

    `features` is an empty set when trusted access is off: the flags may survive underneath, but
    nothing is in force (rule card ROOT-22).
    """

    caller: CallerIdentity
    region: str
    standing: Standing
    organization: Observation[Organization]
    trusted_access: Observation[bool]
    features: Observation[frozenset[RootFeature]]
    delegates: Observation[tuple[AccountId, ...]]

    @property
    def ready(self) -> bool:
        """Whether everything that centralized root access needs was seen to be on."""
        return (
            isinstance(self.trusted_access, Seen)
            and self.trusted_access.value
            and isinstance(self.features, Seen)
            and self.features.value == frozenset(RootFeature)
        )


def gather(gateway: StatusReader) -> Status:
    """Read the facts.

    Raises:
        RootstewardError: when not even the caller's identity can be read.
    """
    caller = gateway.caller()
    organization = _look(gateway.organization)
    delegates = _look(gateway.delegated_administrators)
    features, refusal_code = _features(gateway)
    return Status(
        caller=caller,
        region=gateway.region,
        standing=_standing(caller.account, organization, delegates, features, refusal_code),
        organization=organization,
        trusted_access=_look(gateway.trusted_access_enabled),
        features=features,
        delegates=delegates,
    )


def _look(read: Callable[[], T]) -> Observation[T]:
    try:
        return Seen(read(), Basis.LISTED)
    except RootstewardError as error:
        return not_seen(error)


def _features(gateway: RootAccessSwitches) -> tuple[Observation[frozenset[RootFeature]], str]:
    """The features, and the code of AWS's refusal when it was one."""
    try:
        return Seen(gateway.root_features(), Basis.LISTED), ""
    except FeatureDisabledError:
        return Seen(frozenset(), Basis.LISTED), ""
    except RootstewardError as error:
        refusal = getattr(error, "refusal", None)
        return not_seen(error), refusal.code if refusal is not None else ""


def _standing(
    account: AccountId,
    organization: Observation[Organization],
    delegates: Observation[tuple[AccountId, ...]],
    features: Observation[frozenset[RootFeature]],
    refusal_code: str,
) -> Standing:
    if isinstance(organization, Seen) and account == organization.value.management_account_id:
        return Standing.MANAGEMENT
    if isinstance(delegates, Seen) and account in delegates.value:
        return Standing.DELEGATE
    if refusal_code == _ORDINARY_MEMBER:
        return Standing.MEMBER
    if isinstance(organization, Seen) and isinstance(delegates, Seen):
        return Standing.MEMBER
    if isinstance(organization, Seen) and isinstance(features, Seen) and features.value:
        # Only the management account and a delegate are told the features (rule card ROOT-23).
        return Standing.DELEGATE
    return Standing.UNKNOWN
