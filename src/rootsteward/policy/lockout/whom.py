"""Whom a statement of a resource policy speaks about, as seen from the owner's account."""

from dataclasses import dataclass
from enum import Enum

from rootsteward.policy.document import PrincipalEntry, PrincipalKind, PrincipalList, Statement

_SERVICES = frozenset({"iam", "sts"})
_ARN_PARTS = 6


class Reach(Enum):
    """How much of the owner's account a statement takes in.

    `EVERYBODY`: the account and all others. `OWNER`: the owner's whole account and nobody else.
    `ALL_BUT_NAMED`: everybody except users, roles or sessions that are named. `NAMED`: only those.
    `ELSEWHERE`: nobody of the owner's account.
    """

    EVERYBODY = "everybody"
    OWNER = "the whole account"
    ALL_BUT_NAMED = "everybody but those named"
    NAMED = "those named"
    ELSEWHERE = "others"

    @property
    def whole_account(self) -> bool:
        """Whether no administrator of the account is left out."""
        return self in {Reach.EVERYBODY, Reach.OWNER}


@dataclass(frozen=True, slots=True)
class Whom:
    """A reach, and the people in words: `everybody`, `arn:aws:iam::…:role/x`."""

    reach: Reach
    words: str


def whom(statement: Statement, owner: str) -> Whom:
    """Whom a statement speaks about. One without `Principal` is taken to speak about everybody."""
    principals = statement.principals
    if principals is None:
        return Whom(Reach.EVERYBODY, "everybody")
    if principals.negated:
        return _all_but(principals, owner)
    words = _listed(principals)
    if any(_is_everyone(entry) for entry in principals.entries):
        return Whom(Reach.EVERYBODY, "everybody")
    in_account = [entry for entry in principals.entries if _account_of(entry) == owner]
    if not in_account:
        return Whom(Reach.ELSEWHERE, words)
    if not any(_is_account(entry) for entry in in_account):
        return Whom(Reach.NAMED, words)
    only = len(in_account) == len(principals.entries)
    return Whom(Reach.OWNER if only else Reach.EVERYBODY, words)


def names_outsiders(statement: Statement, owner: str) -> bool:
    """Whether anybody outside the owner's account may be meant.

    A unique id (`AROA…`) says no account, so it may be anybody's.
    """
    principals = statement.principals
    if principals is None or principals.negated:
        return True
    return any(_account_of(entry) != owner for entry in principals.entries)


def _all_but(principals: PrincipalList, owner: str) -> Whom:
    """A named user, role or session is let off; naming the account lets off its root user only.

    Ids stand for users and roles that were deleted (rule card EVAL-21).
    """
    words = f"everybody but {_listed(principals)}"
    spared = [entry for entry in principals.entries if _account_of(entry) == owner]
    if any(not _is_account(entry) for entry in spared) or any(
        _is_everyone(entry) for entry in principals.entries
    ):
        return Whom(Reach.ALL_BUT_NAMED, words)
    return Whom(Reach.EVERYBODY, words)


def _is_everyone(entry: PrincipalEntry) -> bool:
    return entry.value == "*" and entry.kind in {PrincipalKind.EVERYONE, PrincipalKind.AWS}


def _is_account(entry: PrincipalEntry) -> bool:
    return entry.value.isdecimal() or entry.value.rpartition(":")[2] == "root"


def _account_of(entry: PrincipalEntry) -> str:
    """The account of an account id or an IAM or STS ARN; empty for everything else.

    LIMIT: a canonical user id says no account. S3 shows those it knows as ARNs.
    """
    if entry.kind is not PrincipalKind.AWS:
        return ""
    if entry.value.isdecimal():
        return entry.value
    parts = entry.value.split(":", _ARN_PARTS - 1)
    known = len(parts) == _ARN_PARTS and parts[0] == "arn" and parts[2] in _SERVICES
    return parts[4] if known else ""


def _listed(principals: PrincipalList) -> str:
    return ", ".join(dict.fromkeys(f"`{entry.value}`" for entry in principals.entries))
