"""Who can ask, and what follows from it: the principals of a member account, and outsiders.

SCPs bind the account's own root user, users, roles and federated users; RCPs bind whoever uses the
account's resources, AWS services and anonymous callers included (rule card RCP-04). Service-linked
roles are exempt from both and are not part of the question (rule cards SCP-06, RCP-03).

A root session has the root user's ARN and `aws:AssumedRoot` "true"; for everybody else that key is
absent, long-term root credentials included (rule card TASK-03).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from rootsteward.domain.authorization import AccessRequest
from rootsteward.policy.context import PRESENT, context_of
from rootsteward.policy.prove.budget import Budget, remembered
from rootsteward.policy.prove.glob_cells import Group, TextVariable, text_cells
from rootsteward.policy.prove.glob_tokens import Wild, name_after_path, shape
from rootsteward.policy.prove.key_tests import KeyTest
from rootsteward.policy.prove.readable import EXAMPLE_ACCOUNT
from rootsteward.policy.prove.request_set import Who

_LEGAL = "".join(map(chr, range(0x21, 0x7F)))
_SERVICE_LINKED = Group.globs(["arn:*:iam::*:role/aws-service-role/*"])


class Kind(Enum):
    """The kinds of principals; the value is the resource part of the ARN up to the name."""

    ROOT_SESSION = "root"
    LONG_TERM_ROOT_USER = "root "
    USER = "user/"
    ROLE = "role/"
    FEDERATED_USER = "federated-user/"
    SERVICE = "cloudtrail.amazonaws.com"
    ANONYMOUS = "anonymous"


_ROOT_KINDS = frozenset({Kind.ROOT_SESSION, Kind.LONG_TERM_ROOT_USER})
_OUTSIDERS = (Kind.SERVICE, Kind.ANONYMOUS)

ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:userid"})
"""Keys whose value is, for the root user at least, the account in the ARN."""

SERVICE_KEYS = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
"""Keys that AWS services have when they call by themselves, and nobody else (RCP-21)."""

DERIVED_KEYS = frozenset(
    {
        "aws:principalarn",
        "aws:assumedroot",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:multifactorauthpresent",
        "aws:viaawsservice",
        "aws:username",
        "aws:userid",
        "aws:tokenissuetime",
        "aws:principalorgid",
        "aws:principalorgpaths",
        *ACCOUNT_KEYS,
        *SERVICE_KEYS,
    }
)
"""Keys that follow from the principal, wholly or for some kinds."""


SETTLED_KEYS = frozenset(
    {
        "aws:principalarn",
        "aws:assumedroot",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalaccount",
        "aws:username",
    }
)
"""Those that follow for every kind: they have no cells of their own."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal; `facts` are the keys it settles: a value, or None for absent.

    `present` are keys that are there with a value that the principal does not settle.
    """

    arn: str
    kind: Kind
    facts: Mapping[str, str | None] = field(default_factory=dict)
    present: frozenset[str] = frozenset()

    def is_in(self, who: Who) -> bool:
        """Whether the principal is one of those meant."""
        match who:
            case Who.ANYONE:
                return True
            case Who.ROOT_USER:
                return self.kind in _ROOT_KINDS
            case Who.ROOT_SESSION:
                return self.kind is Kind.ROOT_SESSION
            case Who.LONG_TERM_ROOT_USER:
                return self.kind is Kind.LONG_TERM_ROOT_USER
            case Who.OUTSIDER:
                return self.kind in _OUTSIDERS


@remembered
def principals(
    budget: Budget,
    tests: tuple[KeyTest, ...],
    account_values: tuple[str, ...],
    name_tests: tuple[KeyTest, ...],
    who: Who,
    partition: str,
    account: str,
    outsiders: bool,  # noqa: FBT001 (the cache takes positions)
) -> tuple[Principal, ...]:
    """Principals such that every principal matches the same groups as one of them.

    Args:
        budget: of the question.
        tests: the tests on the principal's ARN.
        account_values: patterns of tests on the principal's account.
        name_tests: the tests on `aws:username`, which is the last part of a user's ARN.
        who: leave out all others.
        partition: of the organization, which has only one.
        account: leave out the principals of all others; empty for any account.
        outsiders: with AWS services and anonymous callers.

    Raises:
        OutOfBudgetError: when the patterns have too many combinations.
    """
    asked = _Asked(tests, account_values, name_tests)
    found = [
        principal
        for resource in ("root", Kind.ROLE.value, Kind.USER.value, Kind.FEDERATED_USER.value)
        if resource == "root" or who is Who.ANYONE
        for arn in _arns(resource, asked, (partition, account), budget)
        for principal in _of(arn, resource)
    ]
    found += _OUTSIDER_PRINCIPALS if outsiders else ()
    return tuple(principal for principal in found if principal.is_in(who))


def _of(arn: str, resource: str) -> Iterator[Principal]:
    """The principals with an ARN; none for service-linked roles, which SCPs do not bind."""
    if context_of(AccessRequest(arn, "", ""), root_session=False).service_linked:
        return
    for kind in Kind:
        if kind.value.strip() == resource and kind not in _OUTSIDERS:
            yield Principal(arn, kind, _facts(arn, kind), _present(arn, kind))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about principals: of their ARN, their account and their name."""

    tests: tuple[KeyTest, ...]
    account_values: tuple[str, ...]
    name_tests: tuple[KeyTest, ...]

    def groups(self, resource: str) -> list[Group]:
        """The patterns that tell ARNs with this resource part from each other."""
        found = [Group.of(g) for t in self.tests if t.family != "Null" for g in t.groups()]
        found += [Group.globs([f"arn:*:*::{value}:*"]) for value in self.account_values]
        if resource == Kind.USER.value:
            names = (g for t in self.name_tests for g in t.groups())
            found += [Group.of(map(name_after_path, group)) for group in names]
        # WHY: only a test on the principal can lead to a role that SCPs do not bind.
        return [*found, _SERVICE_LINKED] if found and resource == Kind.ROLE.value else found

    def names(self, resource: str) -> tuple[str, ...]:
        """Names to prefer in such an ARN."""
        if resource == "root":
            return ("",)
        said = (v.replace("*", "") for t in self.name_tests for v in t.values if "?" not in v)
        return ("example", *said)


def _arns(resource: str, asked: _Asked, where: tuple[str, str], budget: Budget) -> tuple[str, ...]:
    """ARNs for every combination of the groups."""
    partition, account = where
    service = "sts" if resource == Kind.FEDERATED_USER.value else "iam"
    head = f"arn:{partition}:{service}::"
    owner: str | tuple[Wild, int] = account or (Wild.DIGIT, 12)
    variable = TextVariable(
        "the partition of principals",
        shapes=tuple(shape(head, owner, f":{resource}", *tail) for tail in _tails(resource)),
        legal=_LEGAL,
        prefix=head + account,
        readable=tuple(
            f"{head}{account or EXAMPLE_ACCOUNT}:{resource}{name}" for name in asked.names(resource)
        ),
    )
    return text_cells(variable, asked.groups(resource), budget)


def _tails(resource: str) -> tuple[tuple[str | tuple[Wild, int] | Wild, ...], ...]:
    """What follows in an ARN: nothing, a name, or a path and a name.

    SOURCE: the IAM API reference: a name has letters, digits and `_+=,.@-`, a path any character
    of ASCII that shows.
    """
    name: tuple[tuple[Wild, int] | Wild, ...] = ((Wild.NAME, 1), Wild.NAME)
    if resource == "root":
        return ((),)
    if resource == Kind.FEDERATED_USER.value:
        return (name,)
    return (name, ((Wild.ANY, 1), Wild.ANY, "/", *name))


def _facts(arn: str, kind: Kind) -> Mapping[str, str | None]:
    """What follows from a principal: what the engine fills in, less what a request may change."""
    session = kind is Kind.ROOT_SESSION
    values = context_of(AccessRequest(arn, "", ""), root_session=session).values
    facts: dict[str, str | None] = {k: v for k, v in values.items() if isinstance(v, str)}
    facts.setdefault("aws:assumedroot", None)
    facts |= dict.fromkeys(SERVICE_KEYS)
    if kind is not Kind.USER:
        facts["aws:username"] = None
    if not session:
        # WHY: a call that a service makes on someone's behalf says "true" here.
        del facts["aws:viaawsservice"]
    return facts


def _present(arn: str, kind: Kind) -> frozenset[str]:
    session = kind is Kind.ROOT_SESSION
    values = context_of(AccessRequest(arn, "", ""), root_session=session).values
    return frozenset(key for key, value in values.items() if value is PRESENT)


_OUTSIDERS_LACK = (
    "aws:assumedroot",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:tokenissuetime",
    "aws:username",
)
_OUTSIDER_PRINCIPALS = (
    Principal(
        Kind.SERVICE.value,
        Kind.SERVICE,
        {
            **dict.fromkeys(_OUTSIDERS_LACK),
            "aws:principalisawsservice": "true",
            "aws:principaltype": None,
        },
        SERVICE_KEYS,
    ),
    Principal(
        Kind.ANONYMOUS.value,
        Kind.ANONYMOUS,
        {
            **dict.fromkeys((*_OUTSIDERS_LACK, *SERVICE_KEYS)),
            "aws:principalisawsservice": None,
            "aws:principaltype": "Anonymous",
            "aws:userid": "anonymous",
        },
    ),
)
"""SOURCE: the IAM user guide, the table of principal key values and the availability of
aws:PrincipalIsAWSService, aws:PrincipalArn and aws:PrincipalOrgID (rule card RCP-21)."""
