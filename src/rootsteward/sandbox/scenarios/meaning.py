"""What the shape alone cannot say: names that must exist, ids that must differ, JSON in texts."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE
from rootsteward.sandbox.scenarios.managed_policies import MANAGED_POLICIES
from rootsteward.sandbox.scenarios.refusal import Path, Problem, ScenarioError
from rootsteward.sandbox.scenarios.schema import (
    Document,
    ManagementSpec,
    RoleSpec,
    Scenario,
    UnitSpec,
    UserSpec,
)
from rootsteward.sandbox.scenarios.source import Source

ORG_ROOT = "Root"
_SCP = "SERVICE_CONTROL_POLICY"
_MOST_UNIT_LEVELS = 5
# WHY: with the units above them they stay below the 2,000 that an organization can have.
_MOST_GENERATED_UNITS = 1500


@dataclass(slots=True)
class _Names:
    """What there is to refer to."""

    units: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    active: set[str] = field(default_factory=set)


def check_meaning(source: Source, scenario: Scenario) -> None:
    """Check everything that fields say about each other.

    Raises:
        ScenarioError: with every name that leads nowhere, every id that is taken, and every policy
            text that is not JSON.
    """
    names = _Names()
    finders = (
        _units(scenario, names),
        _accounts(scenario, names),
        _contents(scenario, names),
        _management_profile(scenario),
        _organization(scenario, names),
        _guardduty(scenario, names),
        _generated(scenario),
    )
    found = [source.problem(*mistake) for finder in finders for mistake in finder]
    if found:
        raise ScenarioError(source.name, sorted(found, key=_by_line))


def _by_line(problem: Problem) -> int:
    return problem.line


_Mistake = tuple[Path, str, str]
_ACCOUNT = "the name or id of an account of this scenario"


def accounts_with_paths(scenario: Scenario) -> Iterator[tuple[Path, ManagementSpec]]:
    """The management account and the members, with where they are written."""
    yield ("organization", "management"), scenario.organization.management
    for i, account in enumerate(scenario.accounts):
        yield ("accounts", i), account


def unit_paths(units: Sequence[UnitSpec], above: str = "") -> Iterator[tuple[str, UnitSpec]]:
    """Every unit with its path of names, parents first."""
    for unit in units:
        path = f"{above}/{unit.name}" if above else unit.name
        yield path, unit
        yield from unit_paths(unit.units, path)


def _units(scenario: Scenario, names: _Names) -> Iterator[_Mistake]:
    for path, _ in unit_paths(scenario.organization.units):
        where = ("organization", "units")
        if path in names.units or path == ORG_ROOT:
            yield where, f"has two units `{path}`", "units of different names"
        if path.count("/") >= _MOST_UNIT_LEVELS:
            yield where, f"has `{path}`, too deep", f"at most {_MOST_UNIT_LEVELS} levels"
        names.units.add(path)


def _accounts(scenario: Scenario, names: _Names) -> Iterator[_Mistake]:
    taken: dict[str, set[str]] = {"id": set(), "name": set(), "email": set()}
    for path, account in accounts_with_paths(scenario):
        for part, values in taken.items():
            value = getattr(account, part)
            if value.casefold() in values:
                yield (*path, part), f"is `{value}`, as another account's", f"another {part}"
            values.add(value.casefold())
        names.accounts |= {account.id, account.name}
        if getattr(account, "state", "ACTIVE") == "ACTIVE":
            names.active |= {account.id, account.name}
    for i, member in enumerate(scenario.accounts):
        if member.unit is not None and member.unit not in names.units:
            units = ", ".join(f"`{unit}`" for unit in sorted(names.units)) or "no units"
            yield ("accounts", i, "unit"), f"is `{member.unit}`, no unit of this scenario", units


def _contents(scenario: Scenario, names: _Names) -> Iterator[_Mistake]:
    buckets: set[str] = set()
    for path, account in accounts_with_paths(scenario):
        yield from _profiles(path, account, names)
        for i, user in enumerate(account.users):
            yield from _policies((*path, "users", i), user)
        for i, bucket in enumerate(account.buckets):
            if bucket.name in buckets:
                yield (*path, "buckets", i, "name"), f"is `{bucket.name}`, taken", "another name"
            buckets.add(bucket.name)
            yield from _region((*path, "buckets", i, "region"), bucket.region, scenario)
            yield from _document((*path, "buckets", i, "policy"), bucket.policy)
        yield from _queues(path, account, scenario)
    for path, account in accounts_with_paths(scenario):
        for i, role in enumerate(account.roles):
            yield from _role((*path, "roles", i), role, names)
    for i, role in enumerate(scenario.member_roles):
        yield from _role(("member_roles", i), role, names)
        if role.profile is not None:
            where = ("member_roles", i, "profile")
            yield where, "would name several roles", "no profile on roles that all members have"


def _queues(path: Path, account: ManagementSpec, scenario: Scenario) -> Iterator[_Mistake]:
    taken: set[tuple[str, str | None]] = set()
    for i, queue in enumerate(account.queues):
        if (queue.name, queue.region) in taken:
            yield (*path, "queues", i, "name"), f"is `{queue.name}`, taken", "another name"
        taken.add((queue.name, queue.region))
        yield from _region((*path, "queues", i, "region"), queue.region, scenario)
        yield from _document((*path, "queues", i, "policy"), queue.policy)


def _profiles(path: Path, account: ManagementSpec, names: _Names) -> Iterator[_Mistake]:
    holders = [
        ((*path, "root_user", "access_keys", i, "profile"), key.profile)
        for i, key in enumerate(account.root_user.access_keys)
    ]
    for n, user in enumerate(account.users):
        holders += [
            ((*path, "users", n, "access_keys", i, "profile"), key.profile)
            for i, key in enumerate(user.access_keys)
        ]
    holders += [((*path, "roles", i, "profile"), r.profile) for i, r in enumerate(account.roles)]
    for where, profile in holders:
        if profile is not None and profile in names.profiles:
            yield where, f"is `{profile}`, taken", "a profile name that nothing else has"
        if profile is not None:
            names.profiles.add(profile)


def _management_profile(scenario: Scenario) -> Iterator[_Mistake]:
    """Everybody who serves a world counts on this profile, whatever the scenario is about."""
    for user in scenario.organization.management.users:
        if "AdministratorAccess" in user.managed_policies and any(
            key.profile == MANAGEMENT_PROFILE and key.active for key in user.access_keys
        ):
            return
    yield (
        ("organization", "management"),
        f"has no user for the profile `{MANAGEMENT_PROFILE}`",
        f"a user with `AdministratorAccess` and an active key with `profile: {MANAGEMENT_PROFILE}`",
    )


def _role(path: Path, role: RoleSpec, names: _Names) -> Iterator[_Mistake]:
    yield from _policies(path, role)
    yield from _document((*path, "trust"), role.trust)
    yield from _known((*path, "trusts"), role.trusts, names.accounts, _ACCOUNT)
    if (role.trust is None) == (not role.trusts):
        yield path, "has both or none of `trust` and `trusts`", "one of `trust` and `trusts`"
    if role.profile is not None and role.source_profile not in names.profiles:
        where = (*path, "source_profile")
        yield where, f"is `{role.source_profile}`, no profile", "the profile that assumes the role"


def _policies(path: Path, holder: UserSpec | RoleSpec) -> Iterator[_Mistake]:
    known = ", ".join(f"`{name}`" for name in MANAGED_POLICIES)
    where = (*path, "managed_policies")
    yield from _known(where, holder.managed_policies, MANAGED_POLICIES.keys(), f"one of {known}")
    for name, document in holder.inline_policies.items():
        yield from _document((*path, "inline_policies", name), document)


def _known(
    path: Path, given: Sequence[str], known: Collection[str], what: str
) -> Iterator[_Mistake]:
    for i, name in enumerate(given):
        if name not in known:
            yield (*path, i), f"is `{name}`, which is not here", what


def _region(path: Path, region: str | None, scenario: Scenario) -> Iterator[_Mistake]:
    if region is not None and region not in scenario.regions:
        listed = ", ".join(f"`{name}`" for name in scenario.regions)
        yield path, f"is `{region}`, which is not switched on", f"one of {listed}"


def _document(path: Path, document: Document | None) -> Iterator[_Mistake]:
    if not isinstance(document, str):
        return
    try:
        parsed = json.loads(document)
    except ValueError as error:
        yield path, f"is not JSON: {error}", "a policy document in JSON"
        return
    if not isinstance(parsed, dict):
        yield path, "is JSON, but no policy document", "a JSON object with `Statement`"


def _organization(scenario: Scenario, names: _Names) -> Iterator[_Mistake]:
    organization = scenario.organization
    targets = names.units | names.accounts | {ORG_ROOT}
    policy_names: set[tuple[str, str]] = set()
    for i, policy in enumerate(organization.policies):
        path = ("organization", "policies", i)
        yield from _document((*path, "content"), policy.content)
        what = f"`{ORG_ROOT}`, the path of a unit, or the name or id of an account"
        yield from _known((*path, "attach"), policy.attach, targets, what)
        if policy.attach and policy.type not in organization.policy_types:
            what = f"is attached, and `{policy.type}` is not in `policy_types`"
            yield (*path, "attach"), what, "the type among `policy_types`, or no attachment"
        if (policy.type, policy.name) in policy_names:
            yield (*path, "name"), f"is `{policy.name}`, taken", "another name"
        policy_names.add((policy.type, policy.name))
    yield from _without_full_access(scenario, targets)
    for service, delegates in organization.delegated_administrators.items():
        where = ("organization", "delegated_administrators", service)
        yield from _known(where, delegates, names.accounts, _ACCOUNT)
        if service not in organization.trusted_services:
            yield where, "has no trusted access", f"`{service}` among `trusted_services`"


def _without_full_access(scenario: Scenario, targets: Collection[str]) -> Iterator[_Mistake]:
    """Every level keeps one SCP at least, so FullAWSAccess goes only where another one is."""
    organization = scenario.organization
    path = ("organization", "without_full_access")
    attached = {
        name for policy in organization.policies for name in policy.attach if policy.type == _SCP
    }
    what = f"`{ORG_ROOT}`, the path of a unit, or the name or id of an account"
    yield from _known(path, organization.without_full_access, targets, what)
    for i, name in enumerate(organization.without_full_access):
        if name in targets and name not in attached:
            yield (
                (*path, i),
                f"is `{name}`, which has no other SCP",
                "a target of one of `policies`",
            )
        if name in organization.without_full_access[:i]:
            yield (*path, i), f"is `{name}` again", "each target once"


def _generated(scenario: Scenario) -> Iterator[_Mistake]:
    generated = scenario.generated
    if generated is None:
        return
    holders = -(-generated.accounts // generated.accounts_per_unit)
    if holders > _MOST_GENERATED_UNITS:
        where = ("generated", "accounts_per_unit")
        yield where, f"makes {holders} units", f"at most {_MOST_GENERATED_UNITS} of them"
    names: set[str] = set()
    for i, policy in enumerate(generated.policies):
        path = ("generated", "policies", i)
        yield from _document((*path, "content"), policy.content)
        if policy.name in names:
            yield (*path, "name"), f"is `{policy.name}`, taken", "another name"
        names.add(policy.name)
    if generated.policies and _SCP not in scenario.organization.policy_types:
        where = ("generated", "policies")
        yield where, f"need `{_SCP}` in `policy_types`", "the type among `policy_types`"


def _guardduty(scenario: Scenario, names: _Names) -> Iterator[_Mistake]:
    guardduty = scenario.guardduty
    if guardduty is None:
        return
    for i, region in enumerate(guardduty.regions):
        yield from _region(("guardduty", "regions", i), region, scenario)
    active = "the name or id of an active account of this scenario"
    yield from _known(("guardduty", "accounts"), guardduty.accounts or [], names.active, active)
    if guardduty.administrator is not None and guardduty.administrator not in names.active:
        what = f"is `{guardduty.administrator}`, which is not here"
        yield ("guardduty", "administrator"), what, active
