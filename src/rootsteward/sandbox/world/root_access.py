"""The switches of centralized root access: trusted access, delegates, the two features."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import RootFeature

IAM_SERVICE = "iam.amazonaws.com"


@dataclass(slots=True)
class ServiceAccess:
    """Services with trusted access, and the accounts that administer them for the organization.

    INVARIANT: a service with a delegated administrator has trusted access.
    """

    trusted_since: dict[str, datetime] = field(default_factory=dict)
    _delegates: dict[str, dict[AccountId, datetime]] = field(default_factory=dict)

    def is_trusted(self, service: str) -> bool:
        """Whether trusted access is on."""
        return service in self.trusted_since

    def trust(self, service: str, at: datetime) -> None:
        """Switch trusted access on; the first date stays when it is on already."""
        self.trusted_since.setdefault(service, at)

    def distrust(self, service: str) -> None:
        """Switch trusted access off.

        Raises:
            OperatorError: when an account still administers the service (rule card ROOT-06).
        """
        if self.delegates_of(service):
            raise OperatorError(f"`{service}` has a delegated administrator")
        self.trusted_since.pop(service, None)

    def delegates_of(self, service: str) -> dict[AccountId, datetime]:
        """Accounts that administer a service, with the time of their registration."""
        return dict(self._delegates.get(service, {}))

    def is_delegate(self, account: AccountId, service: str | None = None) -> bool:
        """Whether an account administers a service (any service when None)."""
        if service is None:
            return any(account in accounts for accounts in self._delegates.values())
        return account in self._delegates.get(service, {})

    def delegations_of(self, account: AccountId) -> Iterator[tuple[str, datetime]]:
        """The services an account administers."""
        for service, accounts in self._delegates.items():
            if account in accounts:
                yield service, accounts[account]

    def delegate(self, account: AccountId, service: str, at: datetime) -> None:
        """Make an account administer a service.

        Raises:
            OperatorError: when the service has no trusted access.
        """
        if not self.is_trusted(service):
            raise OperatorError(f"`{service}` has no trusted access", help="enable it first")
        self._delegates.setdefault(service, {})[account] = at

    def undelegate(self, account: AccountId, service: str) -> None:
        """Take a service away from an account.

        Raises:
            OperatorError: when the account does not administer it.
        """
        if not self.is_delegate(account, service):
            raise OperatorError(f"`{account}` does not administer `{service}`")
        del self._delegates[service][account]


@dataclass(slots=True)
class RootFeatures:
    """Which features of centralized root access are on. They outlive trusted access (ROOT-05)."""

    _on: set[RootFeature] = field(default_factory=set)

    def enable(self, feature: RootFeature) -> None:
        """Switch a feature on; nothing changes when it is on."""
        self._on.add(feature)

    def disable(self, feature: RootFeature) -> None:
        """Switch a feature off; sessions already issued go on (rule card ROOT-07)."""
        self._on.discard(feature)

    def is_on(self, feature: RootFeature) -> bool:
        """Whether a feature is on."""
        return feature in self._on

    def listed(self) -> tuple[str, ...]:
        """The features that are on, in the order in which AWS lists them (rule card ROOT-04)."""
        order = (RootFeature.SESSIONS, RootFeature.CREDENTIALS_MANAGEMENT)
        return tuple(feature.value for feature in order if feature in self._on)
