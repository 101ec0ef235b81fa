"""Customer managed policies of every account, with their versions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version; `id` is `v1`, `v2` and so on, and never used again."""

    id: str
    text: str
    created_at: datetime


@dataclass(slots=True)
class ManagedPolicy:
    """A customer managed policy.

    INVARIANT: `default` names one of `versions`, which are in order of age.
    """

    account: AccountId
    name: str
    unique_id: str
    created_at: datetime
    updated_at: datetime
    path: str = "/"
    description: str = ""
    default: str = "v1"
    newest: int = 0
    versions: dict[str, PolicyVersion] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The policy's ARN, path included."""
        return f"arn:aws:iam::{self.account}:policy{self.path}{self.name}"

    def document(self) -> NamedDocument:
        """The default version, named by the policy's ARN."""
        return NamedDocument(self.arn, self.versions[self.default].text)

    def add_version(self, text: str, at: datetime, *, as_default: bool) -> PolicyVersion:
        """Add a version, and make it the default one when asked to."""
        self.newest += 1
        version = PolicyVersion(f"v{self.newest}", text, at)
        self.versions[version.id] = version
        self.updated_at = at
        if as_default:
            self.default = version.id
        return version


@dataclass(slots=True)
class ManagedPolicies:
    """Customer managed policies by ARN.

    INVARIANT: a name is unique in its account without regard to case or path.
    """

    _by_arn: dict[str, ManagedPolicy] = field(default_factory=dict)

    def add(self, policy: ManagedPolicy) -> None:
        """Add a policy.

        Raises:
            OperatorError: when the name is taken.
        """
        if self.named(policy.account, policy.name):
            raise OperatorError(f"`{policy.account}` has a policy `{policy.name}` already")
        self._by_arn[policy.arn] = policy

    def get(self, arn: str) -> ManagedPolicy | None:
        """A policy by its exact ARN."""
        return self._by_arn.get(arn)

    def named(self, account: AccountId, name: str) -> ManagedPolicy | None:
        """A policy by its name, whatever its path."""
        folded = name.casefold()
        return next((p for p in self.of(account) if p.name.casefold() == folded), None)

    def of(self, account: AccountId) -> Iterator[ManagedPolicy]:
        """The policies of an account, oldest first."""
        return (policy for policy in self._by_arn.values() if policy.account == account)

    def remove(self, policy: ManagedPolicy) -> None:
        """Delete a policy. It must not be attached any more."""
        del self._by_arn[policy.arn]
