"""What follows from the principal: its account, its kind, and the condition keys it carries.

SOURCE: rule card EVAL-08.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from rootsteward.domain.authorization import AccessRequest, ContextValue

_ARN_PARTS = 6
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"^[^:]*\.amazonaws\.com(\.cn)?$")
PRINCIPAL_ARN = "aws:principalarn"
RESOURCE_ACCOUNT = "aws:resourceaccount"
# LIMIT: when a session was issued does not follow from its principal; only the key's presence is
# meant. Give aws:TokenIssueTime in the request's context to compare it.
_SOME_TIME = "1970-01-01T00:00:00Z"


class PrincipalKind(Enum):
    """The kinds of principals; the value is `aws:PrincipalType`."""

    ROOT_USER = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    OTHER = ""


_KINDS = {
    ("iam", "user"): PrincipalKind.USER,
    ("iam", "role"): PrincipalKind.ROLE,
    ("sts", "federated-user"): PrincipalKind.FEDERATED_USER,
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The requester. `arn` is as given; `account` is empty for services and anonymous callers.

    `principal_arn` is the value of `aws:PrincipalArn`: for a role session, the role.
    """

    arn: str
    account: str
    kind: PrincipalKind
    principal_arn: str

    @property
    def is_service_linked_role(self) -> bool:
        """Whether SCPs and RCPs leave it alone (rule cards SCP-06, RCP-03)."""
        return ":role/aws-service-role/" in self.principal_arn


def principal_of(request: AccessRequest, context: Mapping[str, ContextValue]) -> Principal:
    """Read the principal's ARN; an explicit `aws:PrincipalArn` wins over the derived one."""
    kind, derived = _kind_and_arn(request.principal)
    given = context.get(PRINCIPAL_ARN)
    account = derived.split(":")[4] if derived else ""
    return Principal(request.principal, account, kind, given if isinstance(given, str) else derived)


def _kind_and_arn(arn: str) -> tuple[PrincipalKind, str]:
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or not _ACCOUNT.fullmatch(parts[4]):
        return PrincipalKind.OTHER, ""
    _, partition, service, _, account, resource = parts
    kind, _, name = resource.partition("/")
    if service == "iam" and resource == "root":
        return PrincipalKind.ROOT_USER, arn
    if (service, kind) == ("sts", "assumed-role"):
        role = name.partition("/")[0]
        return PrincipalKind.ROLE, f"arn:{partition}:iam::{account}:role/{role}"
    return _KINDS.get((service, kind), PrincipalKind.OTHER), arn


def full_context(request: AccessRequest, *, root_session: bool) -> dict[str, ContextValue]:
    """The request's context with key names in lower case and the principal's keys filled in."""
    given = {key.lower(): value for key, value in request.context.items()}
    principal = principal_of(request, given)
    derived: dict[str, ContextValue] = {}
    if principal.account:
        derived = {
            PRINCIPAL_ARN: principal.principal_arn,
            "aws:principalaccount": principal.account,
            "aws:principalisawsservice": "false",
            "aws:viaawsservice": "false",
        }
    if _SERVICE.search(principal.arn):
        derived = {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": principal.arn,
        }
    if principal.kind is not PrincipalKind.OTHER:
        derived["aws:principaltype"] = principal.kind.value
    if principal.kind is PrincipalKind.ROOT_USER:
        derived["aws:userid"] = principal.account
    if principal.kind is PrincipalKind.USER:
        derived["aws:username"] = principal.arn.rpartition("/")[2]
    if root_session:
        derived["aws:assumedroot"] = "true"
        derived["aws:tokenissuetime"] = _SOME_TIME
        derived["aws:multifactorauthpresent"] = "false"
    return derived | given


def resource_account(
    request: AccessRequest, context: Mapping[str, ContextValue], principal: Principal
) -> str:
    """Who owns the resource: `aws:ResourceAccount`, else its ARN, else the principal's account."""
    given = context.get(RESOURCE_ACCOUNT)
    if isinstance(given, str):
        return given
    parts = request.resource.split(":", _ARN_PARTS - 1)
    in_arn = parts[4] if len(parts) == _ARN_PARTS else ""
    return in_arn if re.fullmatch(r"[0-9]+", in_arn) else principal.account
