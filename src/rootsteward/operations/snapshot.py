"""`snapshot`: the organization and its control policies at one moment, to work from offline.

Reads only. The tree must be seen, or there is nothing to keep; every other part is a value of its
own: what could not be read says so, in the file too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.errors import OperatorError, RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization
from rootsteward.domain.root_credentials import Basis, NotSeen, Observation, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations import status as status_facts
from rootsteward.operations.controls import RCP_TYPE, SCP_TYPE
from rootsteward.operations.observe import not_seen
from rootsteward.operations.status import Standing, StatusReader
from rootsteward.ports.aws_gateway import TagReader
from rootsteward.ports.notifier import Notifier

T = TypeVar("T")

SLUG = "snapshot"


class SnapshotGateway(StatusReader, TagReader, Protocol):
    """What a snapshot is read from."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen of an organization at `taken_at`, and by whom.

    `tags` counts the accounts whose tags were read; None when nobody asked for tags. When they
    could not all be read, none are kept.
    """

    taken_at: datetime
    taken_by: CallerIdentity
    standing: Standing
    partition: str
    region: str
    organization: Organization
    scps: Observation[ControlPolicies]
    rcps: Observation[ControlPolicies]
    trusted_access: Observation[bool]
    features: Observation[frozenset[RootFeature]]
    delegates: Observation[tuple[AccountId, ...]]
    tags: Observation[int] | None = None

    @property
    def unseen(self) -> tuple[tuple[str, NotSeen], ...]:
        """What could not be read, by what it is called."""
        parts: tuple[tuple[str, object], ...] = (
            ("service control policies", self.scps),
            ("resource control policies", self.rcps),
            ("trusted access", self.trusted_access),
            ("root features", self.features),
            ("delegated administrators", self.delegates),
            ("tags", self.tags),
        )
        return tuple((name, part) for name, part in parts if isinstance(part, NotSeen))


def gather(
    gateway: SnapshotGateway, taken_at: datetime, notifier: Notifier, *, tags: bool = False
) -> Snapshot:
    """Read the organization, each part with as few calls as the API allows.

    Args:
        gateway: where to read.
        taken_at: when the reading began, in UTC.
        notifier: told when each part begins and ends.
        tags: read the tags of every account, one call each.

    Raises:
        RootstewardError: when the tree or the caller's identity cannot be read, or the tree
            changed while it was read.
    """
    with _part(notifier, "accounts and units"):
        facts = status_facts.gather(gateway)
    if isinstance(facts.organization, NotSeen):
        raise OperatorError(
            f"the organization could not be read: {facts.organization.detail}",
            help=facts.organization.help,
        )
    organization = facts.organization.value
    _check_tree(organization)
    with _part(notifier, "service control policies"):
        scps = _look(lambda: gateway.control_policies(SCP_TYPE, organization.org_root))
    with _part(notifier, "resource control policies"):
        rcps = _look(lambda: gateway.control_policies(RCP_TYPE, organization.org_root))
    snapshot = Snapshot(
        taken_at=taken_at,
        taken_by=facts.caller,
        standing=facts.standing,
        partition=gateway.partition,
        region=facts.region,
        organization=organization,
        scps=scps,
        rcps=rcps,
        trusted_access=facts.trusted_access,
        features=facts.features,
        delegates=facts.delegates,
    )
    return _with_tags(gateway, snapshot, notifier) if tags else snapshot


def tree_problem(organization: Organization) -> tuple[str, str] | None:
    """What is wrong with a tree and where: `units[3].parent_id`; None when it holds together.

    Every unit stands behind its parent, so that there is no circle.
    """
    parents = {organization.org_root.id}
    for index, unit in enumerate(organization.units):
        if unit.parent_id not in parents:
            problem = f"`{unit.parent_id}` is not the org root and no unit before this one"
            return f"units[{index}].parent_id", problem
        if unit.id in parents:
            return f"units[{index}].id", f"`{unit.id}` is there twice"
        parents.add(unit.id)
    accounts: set[AccountId] = set()
    for index, account in enumerate(organization.accounts):
        if account.parent_id not in parents:
            problem = f"`{account.parent_id}` is not the org root and no unit"
            return f"accounts[{index}].parent_id", problem
        if account.id in accounts:
            return f"accounts[{index}].id", f"`{account.id}` is there twice"
        accounts.add(account.id)
    if organization.management_account_id not in accounts:
        problem = f"`{organization.management_account_id}` is none of the accounts"
        return "organization.management_account_id", problem
    return None


def _check_tree(organization: Organization) -> None:
    problem = tree_problem(organization)
    if problem is not None:
        raise OperatorError(
            f"the organization changed while it was read: {problem[1]}",
            help="take the snapshot again; nothing was written",
        )


def _with_tags(gateway: TagReader, snapshot: Snapshot, notifier: Notifier) -> Snapshot:
    """The snapshot with tags; the first account whose tags cannot be read ends the reading."""
    organization = snapshot.organization
    with _part(notifier, "tags", len(organization.accounts)):
        try:
            accounts = tuple(
                replace(account, tags=gateway.account_tags(account.id))
                for account in organization.accounts
            )
        except RootstewardError as error:
            return replace(snapshot, tags=not_seen(error))
    tagged = replace(organization, accounts=accounts)
    return replace(snapshot, organization=tagged, tags=Seen(len(accounts), Basis.LISTED))


def _look(read: Callable[[], T]) -> Observation[T]:
    try:
        return Seen(read(), Basis.LISTED)
    except RootstewardError as error:
        return not_seen(error)


@contextmanager
def _part(notifier: Notifier, what: str, total: int | None = None) -> Iterator[None]:
    notifier.started(f"reading {what}", total)
    try:
        yield
    finally:
        notifier.finished()
