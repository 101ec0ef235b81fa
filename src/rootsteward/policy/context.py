"""What is known of a request: the keys given, those that follow from the principal, the unknown.

SOURCE: the IAM user guide, "AWS global condition context keys" and the table of principal key
values; rule card EVAL-08, and TASK-03 for root sessions. Keys that the principal does not determine
(an IAM user's unique id, a role's path) are never invented.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from rootsteward.domain.authorization import AccessRequest


class _Presence(Enum):
    PRESENT = "present"


PRESENT = _Presence.PRESENT
"""The value of a key that is there, with a value nobody can tell beforehand."""

KnownValue = str | tuple[str, ...] | _Presence

_ARN_PARTS = 6
_SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn")
_SERVICE_LINKED = ":role/aws-service-role/"
_ACCOUNT = re.compile(r"[0-9]{12}")


class PrincipalType(Enum):
    """What an ARN in `principal` stands for; the value is that of `aws:PrincipalType`."""

    ROOT_USER = "Account"
    USER = "User"
    ASSUMED_ROLE = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal taken apart.

    `identity_arn` is the ARN that policies compare with: for a session of a role that of the
    role. `account` is empty for outsiders to every account: services and anonymous callers.
    `is_service`: an AWS service itself, such as `cloudtrail.amazonaws.com`.
    """

    arn: str
    identity_arn: str
    account: str
    type: PrincipalType
    name: str
    is_service: bool = False


class RequestContext(NamedTuple):
    """A request as the conditions see it. `values` and `unknown` have their keys in lower case.

    WHY: a named tuple, because one is made for every decision.
    """

    action: str
    resource: str
    principal: Principal
    values: Mapping[str, KnownValue]
    unknown: frozenset[str]

    @property
    def resource_account(self) -> str:
        """The account that owns the resource, as far as the request says.

        From `aws:ResourceAccount`, else the ARN, else the principal's own (rule card EVAL-09).
        """
        owner = self.values.get("aws:resourceaccount")
        if isinstance(owner, str):
            return owner
        parts = self.resource.split(":", _ARN_PARTS - 1)
        if len(parts) == _ARN_PARTS and parts[4].isascii() and parts[4].isdigit():
            return parts[4]
        return self.principal.account

    @property
    def service_linked(self) -> bool:
        """Whether a service-linked role calls, by the path in `aws:PrincipalArn` (SCP-06)."""
        arn = self.values.get("aws:principalarn")
        return isinstance(arn, str) and _SERVICE_LINKED in arn


@lru_cache(maxsize=8192)
def read_principal(arn: str) -> Principal:
    """Take a principal's ARN apart; anything that is no ARN is `OTHER`, with its text as it is."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or not _ACCOUNT.fullmatch(parts[4]):
        return Principal(arn, arn, "", PrincipalType.OTHER, arn, arn.endswith(_SERVICE_SUFFIXES))
    _, partition, service, _, account, resource = parts
    kind, _, rest = resource.partition("/")
    if service == "sts" and kind == "assumed-role":
        role = rest.split("/", 1)[0]
        role_arn = f"arn:{partition}:iam::{account}:role/{role}"
        return Principal(arn, role_arn, account, PrincipalType.ASSUMED_ROLE, role)
    if service == "iam" and kind == "role":
        name = rest.rsplit("/", 1)[-1]
        return Principal(arn, arn, account, PrincipalType.ASSUMED_ROLE, name)
    type_ = PrincipalType.OTHER
    if service == "iam" and resource == "root":
        type_ = PrincipalType.ROOT_USER
    elif service == "iam" and kind == "user":
        type_ = PrincipalType.USER
    elif service == "sts" and kind == "federated-user":
        type_ = PrincipalType.FEDERATED_USER
    return Principal(arn, arn, account, type_, rest.rsplit("/", 1)[-1])


@lru_cache(maxsize=8192)
def _known(arn: str, root_session: bool) -> tuple[Principal, Mapping[str, KnownValue]]:  # noqa: FBT001 (cached)
    """A principal and the keys that follow from it."""
    principal = read_principal(arn)
    return principal, _derived(principal, root_session=root_session)


def _derived(principal: Principal, *, root_session: bool) -> Mapping[str, KnownValue]:
    """The keys that follow from the principal."""
    values: dict[str, KnownValue] = {}
    if principal.is_service:
        values["aws:principalisawsservice"] = "true"
        values["aws:principalservicename"] = principal.arn
    if principal.account:
        values["aws:principalarn"] = principal.identity_arn
        values["aws:principalaccount"] = principal.account
        values["aws:principalisawsservice"] = "false"
        values["aws:viaawsservice"] = "false"
    if principal.type is not PrincipalType.OTHER:
        values["aws:principaltype"] = principal.type.value
    if principal.type is PrincipalType.ROOT_USER:
        values["aws:userid"] = principal.account
    if principal.type is PrincipalType.USER:
        values["aws:username"] = principal.name
    if principal.type in {PrincipalType.ASSUMED_ROLE, PrincipalType.FEDERATED_USER}:
        values["aws:tokenissuetime"] = PRESENT
    if root_session:
        values["aws:assumedroot"] = "true"
        values["aws:tokenissuetime"] = PRESENT
        values["aws:multifactorauthpresent"] = "false"
    return values


@lru_cache(maxsize=1024)
def _lower(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)


def context_of(request: AccessRequest, *, root_session: bool) -> RequestContext:
    """Everything known of a request. A key that is given wins over one that follows."""
    principal, values = _known(request.principal, root_session)
    unknown = _lower(request.unknown_keys)
    if request.context or not unknown.isdisjoint(values):
        given: dict[str, KnownValue] = {k: v for k, v in values.items() if k not in unknown}
        for key, value in request.context.items():
            # WHY: a key with an empty list of values is the same as an absent key (COND-01).
            if value != ():
                given[key.lower()] = value
            else:
                given.pop(key.lower(), None)
        values = given
        role = given.get("aws:principalarn")
        if principal.type is PrincipalType.ASSUMED_ROLE and isinstance(role, str):
            # WHY: a session's own ARN does not show the path of its role.
            principal = replace(principal, identity_arn=role)
    return RequestContext(request.action.lower(), request.resource, principal, values, unknown)
