"""How the Principal element of a resource policy matches a principal.

SOURCE: the IAM user guide, "AWS JSON policy elements: Principal".
"""

import re
from collections.abc import Callable
from enum import IntEnum

from rootsteward.policy.context import Principal, PrincipalType
from rootsteward.policy.document import PrincipalEntry, PrincipalKind, PrincipalList


class PrincipalMatch(IntEnum):
    """How closely an element names a principal; a higher one says more (rule card EVAL-09).

    `EXACT`: a user or the session of a role by its own ARN.
    """

    NO = 0
    ACCOUNT = 1
    IDENTITY = 2
    EXACT = 3


_SESSION = re.compile(r"arn:[^:]*:sts:")
_ROOT_USER = re.compile(r"arn:[^:]*:iam::([0-9]{12}):root")

PrincipalTest = Callable[[Principal], PrincipalMatch]


def compile_principals(principals: PrincipalList) -> PrincipalTest:
    """The element as a function.

    LIMIT: for NotPrincipal, a principal is excepted when any entry names it or its account; AWS
    wants the account, the role and the session all listed.
    """
    entries = principals.entries

    def test(principal: Principal) -> PrincipalMatch:
        best = max((_match(e, principal) for e in entries), default=PrincipalMatch.NO)
        if not principals.negated:
            return best
        return PrincipalMatch.IDENTITY if best is PrincipalMatch.NO else PrincipalMatch.NO

    return test


def _match(entry: PrincipalEntry, principal: Principal) -> PrincipalMatch:
    if entry.value == "*" and entry.kind in {PrincipalKind.EVERYONE, PrincipalKind.AWS}:
        return PrincipalMatch.IDENTITY
    if entry.kind is not PrincipalKind.AWS:
        return PrincipalMatch.IDENTITY if entry.value == principal.arn else PrincipalMatch.NO
    if entry.value == principal.arn and _is_exact(principal):
        return PrincipalMatch.EXACT
    if entry.value in {principal.arn, principal.identity_arn}:
        return PrincipalMatch.IDENTITY
    if principal.account and _account_named(entry.value) == principal.account:
        whole = principal.type is PrincipalType.ROOT_USER
        return PrincipalMatch.IDENTITY if whole else PrincipalMatch.ACCOUNT
    return PrincipalMatch.NO


def _is_exact(principal: Principal) -> bool:
    """A user, or a session; a role's own ARN stands for all its sessions."""
    if principal.type is PrincipalType.ASSUMED_ROLE:
        # WHY by the ARN: a request may say in `aws:PrincipalArn` whatever it likes.
        return _SESSION.match(principal.arn) is not None
    return principal.type in {PrincipalType.USER, PrincipalType.FEDERATED_USER}


def _account_named(value: str) -> str:
    """The account that an account id or a root user's ARN stands for, else the value itself."""
    found = _ROOT_USER.fullmatch(value)
    return found[1] if found else value
