"""A world that is the twin of an organization somebody looked at.

What was seen is there as it was seen, ids included. What nobody can see from an organization (who
works there, what root users hold, where GuardDuty is on) is made up, and said to be so here and
in `docs/sandbox.md`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization
from rootsteward.domain.root_credentials import RootCredentials
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE
from rootsteward.sandbox.scenarios.twin_credentials import give_root_credentials
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.buckets import Bucket
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, IamUser
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.queues import Queue
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

PARTITION = "aws"
ADMINISTRATOR = "administrator"
_GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Original:
    """What was seen of an organization: everything that governs root access in it.

    `region` is where it was looked at from. `delegates` administer IAM.
    """

    organization: Organization
    scps: ControlPolicies
    rcps: ControlPolicies
    iam_trusted: bool
    root_features: frozenset[RootFeature]
    delegates: tuple[AccountId, ...]
    partition: str
    region: str


@dataclass(frozen=True, slots=True)
class PolicyHolder:
    """A bucket or a queue of an account, with its policy."""

    account: AccountId
    region: str
    name: str
    policy: str | None


@dataclass(frozen=True, slots=True)
class Furnishing:
    """What to put into a twin that its original does not tell.

    `root_credentials` are those that somebody saw. Where there are none, or where a kind was not
    seen, they follow from `seed`; without `invents` such accounts hold nothing. `regions` are
    switched on besides the original's, us-east-1 and those of `buckets` and `queues`, of which
    there are no others.
    """

    seed: int = 1
    root_credentials: Mapping[AccountId, RootCredentials] = field(default_factory=dict)
    invents: bool = True
    regions: tuple[str, ...] = ()
    buckets: tuple[PolicyHolder, ...] = ()
    queues: tuple[PolicyHolder, ...] = ()

    def all_regions(self, home: str) -> tuple[str, ...]:
        """The Regions of a twin whose original was looked at from `home`."""
        holders = (holder.region for holder in (*self.buckets, *self.queues))
        return tuple(dict.fromkeys((home, _GLOBAL_REGION, *self.regions, *holders)))


def delegate_profile(account: AccountId) -> str:
    """The profile of the administrator of an account that administers IAM."""
    return f"delegate-{account}"


def build_twin(original: Original, furnishing: Furnishing, *, now: Callable[[], datetime]) -> World:
    """Make the twin. The same original and furnishing make the same world, but for dates.

    Raises:
        InputError: when such an organization cannot be: it is of another partition, or breaks a
            rule of Organizations that the world keeps.
    """
    if original.partition != PARTITION:
        raise InputError(
            f"an organization in partition `{original.partition}` has no twin",
            help=f"the sandbox has organizations in partition `{PARTITION}`",
        )
    random = Random(furnishing.seed)  # noqa: S311 (a made-up world, the same for the same seed)
    regions = furnishing.all_regions(original.region)
    try:
        world = World(now, random, regions, _organization(original, now()))
    except OperatorError as error:
        raise InputError(
            f"the organization has no twin: {error.message}", help="take the snapshot again"
        ) from error
    for account, profile in _administrators(original):
        _add_administrator(world, account, profile)
    _watch(world)
    give_root_credentials(
        world, furnishing.root_credentials, seed=furnishing.seed, invents=furnishing.invents
    )
    _add_policy_holders(world, furnishing)
    return world


def _organization(original: Original, at: datetime) -> OrganizationState:
    seen = original.organization
    state = OrganizationState(seen.id, seen.org_root.id, seen.management_account_id)
    for unit in seen.units:
        state.add_unit(unit)
    for account in seen.accounts:
        state.add_account(account)
    for policy_type in sorted(seen.org_root.enabled_policy_types):
        state.policies.enable(policy_type, ())
    for policies in (original.scps, original.rcps):
        _add_policies(state, policies)
    if original.iam_trusted:
        state.services.trust(IAM_SERVICE, at)
    for delegate in original.delegates:
        state.services.delegate(delegate, IAM_SERVICE, at)
    for feature in original.root_features:
        state.root_features.enable(feature)
    return state


def _add_policies(state: OrganizationState, policies: ControlPolicies) -> None:
    """Policies with their ids, and each target's attachments in their order."""
    for policy in policies.policies.values():
        state.policies.put(policy)
    if not policies.enabled:
        return
    everywhere = policies.attached_everywhere
    state.policies.attach_exactly(
        policies.type,
        {target: (*everywhere, *policies.attached.get(target, ())) for target in state.targets()},
    )


def _administrators(original: Original) -> Iterator[tuple[AccountId, str]]:
    """Who gets an administrator, so that either side of a delegation can be rehearsed."""
    yield original.organization.management_account_id, MANAGEMENT_PROFILE
    for delegate in original.delegates:
        yield delegate, delegate_profile(delegate)


def _add_administrator(world: World, account: AccountId, profile: str) -> None:
    at = world.now()
    key = AccessKeyRecord(
        id=ids.long_term_key_id(world.random),
        secret=Secret(ids.secret_access_key(world.random)),
        created_at=at,
    )
    user = IamUser(
        account=account,
        name=ADMINISTRATOR,
        unique_id=ids.user_unique_id(world.random),
        created_at=at,
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
    )
    user.holdings.access_keys[key.id] = key
    world.identities.add_user(user)
    world.profiles[key.id] = profile


def _add_policy_holders(world: World, furnishing: Furnishing) -> None:
    at = world.now()
    for one in furnishing.buckets:
        world.buckets.add(Bucket(one.name, one.account, one.region, at, one.policy))
    for one in furnishing.queues:
        world.queues.add(Queue(one.name, one.account, one.region, at, at, one.policy))


def _watch(world: World) -> None:
    """GuardDuty in every active account and Region, administered by the management account."""
    organization, at = world.organization, world.now()
    for region in world.regions:
        world.findings.administration.name(organization.management_account_id, region)
        active = filter(organization.is_active, organization.accounts)
        world.findings.enrol(active, region, at)
