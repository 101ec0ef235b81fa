"""The text of a snapshot file: JSON with a name and a version, described in docs/snapshot.md.

Pure: from snapshot to text and back. Reading back gives an equal snapshot. A reader ignores fields
it does not know; a change that it could not ignore gets a new version.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.errors import InputError
from rootsteward.domain.organization import (
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Observation, Seen
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.controls import RCP_TYPE, SCP_TYPE
from rootsteward.operations.json_fields import (
    Convert,
    FieldError,
    Fields,
    account_id,
    check_format,
    count,
    field,
    flag,
    list_of,
    mapping_of,
    moment,
    one_of,
    optional,
    text,
)
from rootsteward.operations.json_text import parse_json, to_lines
from rootsteward.operations.record import (
    account_as_json,
    account_from_json,
    caller_as_json,
    caller_from_json,
)
from rootsteward.operations.snapshot import Snapshot, tree_problem
from rootsteward.operations.status import Standing
from rootsteward.ports.journal import JsonValue

T = TypeVar("T")

FORMAT = "rootsteward-snapshot"
VERSION = 1
_NEWER = "update rootsteward, or take the snapshot again with this one"
_WRITER = "name a file that `rootsteward snapshot FILE` wrote"

# What is broken into lines, so that a search finds a whole account and a diff what has changed.
_BROKEN = frozenset({"units", "accounts", "scps", "rcps", "seen", "policies", "attached"})


def to_text(snapshot: Snapshot) -> str:
    """The file's text: UTF-8 JSON, an account, unit, policy and attached entity a line."""
    return to_lines(_document(snapshot), broken=_BROKEN)


def from_text(document: bytes, name: str) -> Snapshot:
    """Read a file's text; `name` is what errors call the file.

    Raises:
        InputError: naming the file, and the line or the field that is wrong.
    """
    try:
        return _snapshot(Fields(parse_json(document, "snapshot", name, _WRITER)), name)
    except FieldError as error:
        where = f": field `{error.place}`" if error.place else ""
        raise InputError(
            f"snapshot `{name}`{where} {error.problem}",
            help="take the snapshot again; docs/snapshot.md describes the fields",
        ) from error


# From snapshot to JSON


def _document(snapshot: Snapshot) -> dict[str, JsonValue]:
    organization = snapshot.organization
    return {
        "format": FORMAT,
        "version": VERSION,
        "taken_at": _moment(snapshot.taken_at),
        "taken_by": {
            **caller_as_json(snapshot.taken_by),
            "standing": snapshot.standing.value,
        },
        "partition": snapshot.partition,
        "region": snapshot.region,
        "organization": {
            "id": organization.id,
            "management_account_id": organization.management_account_id,
        },
        "org_root": {
            "id": organization.org_root.id,
            "enabled_policy_types": [*sorted(organization.org_root.enabled_policy_types)],
        },
        "trusted_access": _observed(snapshot.trusted_access, bool),
        "root_features": _observed(snapshot.features, lambda on: [*sorted(on)]),
        "delegated_administrators": _observed(snapshot.delegates, lambda ids: [*ids]),
        "tags": None if snapshot.tags is None else _observed(snapshot.tags, int),
        "units": [
            {"id": unit.id, "name": unit.name, "parent_id": unit.parent_id}
            for unit in organization.units
        ],
        "accounts": [account_as_json(account) for account in organization.accounts],
        "scps": _observed(snapshot.scps, _policies_json),
        "rcps": _observed(snapshot.rcps, _policies_json),
    }


def _policies_json(policies: ControlPolicies) -> dict[str, JsonValue]:
    return {
        "enabled": policies.enabled,
        "policies": [
            {
                "id": policy.id,
                "name": policy.name,
                "arn": policy.arn,
                "description": policy.description,
                "aws_managed": policy.aws_managed,
                "content": policy.content,
            }
            for policy in policies.policies.values()
        ],
        "attached_everywhere": [*policies.attached_everywhere],
        "attached": {entity: [*ids] for entity, ids in policies.attached.items()},
    }


def _observed(
    observation: Observation[T], encode: Callable[[T], JsonValue]
) -> dict[str, JsonValue]:
    """`seen` with the value, or `not_seen` with the reason."""
    if isinstance(observation, NotSeen):
        return {
            "not_seen": observation.reason.value,
            "detail": observation.detail,
            "help": observation.help,
        }
    return {"seen": encode(observation.value)}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


# From JSON to snapshot


def _snapshot(fields: Fields, name: str) -> Snapshot:
    check_format(fields, "snapshot", name, (FORMAT, VERSION), _NEWER)
    organization = _organization(fields)
    problem = tree_problem(organization)
    if problem is not None:
        raise FieldError(problem[1], problem[0])
    return Snapshot(
        taken_at=fields.read("taken_at", moment),
        taken_by=fields.read("taken_by", caller_from_json),
        standing=fields.read("taken_by", field("standing", one_of(Standing))),
        partition=fields.read("partition", text),
        region=fields.read("region", text),
        organization=organization,
        scps=fields.read("scps", _observation(lambda v: _policies(v, SCP_TYPE))),
        rcps=fields.read("rcps", _observation(lambda v: _policies(v, RCP_TYPE))),
        trusted_access=fields.read("trusted_access", _observation(flag)),
        features=fields.read("root_features", _observation(_features)),
        delegates=fields.read("delegated_administrators", _observation(list_of(account_id))),
        tags=fields.read("tags", optional(_observation(count))),
    )


def _organization(fields: Fields) -> Organization:
    return Organization(
        id=fields.read("organization", field("id", text)),
        management_account_id=fields.read(
            "organization", field("management_account_id", account_id)
        ),
        org_root=fields.read("org_root", _org_root),
        units=fields.read("units", list_of(_unit)),
        accounts=fields.read("accounts", list_of(account_from_json)),
    )


def _org_root(value: object) -> OrgRoot:
    fields = Fields(value)
    return OrgRoot(
        id=fields.read("id", text),
        enabled_policy_types=frozenset(fields.read("enabled_policy_types", _texts)),
    )


def _unit(value: object) -> OrganizationalUnit:
    fields = Fields(value)
    return OrganizationalUnit(
        id=fields.read("id", text),
        name=fields.read("name", text),
        parent_id=fields.read("parent_id", text),
    )


def _policies(value: object, policy_type: str) -> ControlPolicies:
    fields = Fields(value)
    policies = fields.read("policies", list_of(lambda v: _policy(v, policy_type)))
    by_id = {policy.id: policy for policy in policies}

    def known_id(value: object) -> str:
        policy_id = text(value)
        if policy_id not in by_id:
            raise FieldError(f"names `{policy_id}`, which is none of the policies")
        return policy_id

    return ControlPolicies(
        type=policy_type,
        enabled=fields.read("enabled", flag),
        policies=by_id,
        attached=fields.read("attached", mapping_of(list_of(known_id))),
        attached_everywhere=fields.read("attached_everywhere", list_of(known_id)),
    )


def _policy(value: object, policy_type: str) -> ControlPolicy:
    fields = Fields(value)
    return ControlPolicy(
        id=fields.read("id", text),
        name=fields.read("name", text),
        arn=fields.read("arn", text),
        description=fields.read("description", text),
        type=policy_type,
        aws_managed=fields.read("aws_managed", flag),
        content=fields.read("content", text),
    )


def _observation(convert: Convert[T]) -> Convert[Observation[T]]:
    def read(value: object) -> Observation[T]:
        fields = Fields(value)
        if "seen" in fields:
            return Seen(fields.read("seen", convert), Basis.LISTED)
        return NotSeen(
            reason=fields.read("not_seen", _reason),
            detail=fields.read("detail", text),
            help=fields.read("help", text),
        )

    return read


def _features(value: object) -> frozenset[RootFeature]:
    return frozenset(list_of(one_of(RootFeature))(value))


_texts = list_of(text)
_reason = one_of(NotSeenReason)
