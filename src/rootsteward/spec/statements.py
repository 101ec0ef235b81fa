"""Whether one statement applies to one request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from rootsteward.domain.authorization import ContextValue
from rootsteward.spec.conditions import Truth, clause_holds, lookup_in
from rootsteward.spec.context import Principal, PrincipalKind
from rootsteward.spec.document import DENY, Choice, Principals, Statement
from rootsteward.spec.pattern import Lookup, fits, plain_tokens, tokens


class Named(IntEnum):
    """How closely a Principal element names the requester; the closest entry counts."""

    NOT = 0
    ACCOUNT = 1
    ANYONE = 2
    ROLE = 3
    EXACTLY = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A request made ready: action in lower case, context complete."""

    action: str
    resource: str
    principal: Principal
    context: Mapping[str, ContextValue]


def applies(statement: Statement, question: Question, *, variables: bool) -> Truth:
    """Whether every part of the statement fits the request (rule card EVAL-01)."""
    if statement.trouble:
        return Truth.UNKNOWN
    lookup = lookup_in(question.context) if variables else None
    if not (
        _action_fits(statement.actions, question.action)
        and _resource_fits(statement.resources, question.resource, lookup)
        and _principal_fits(statement.principals, question.principal)
    ):
        return Truth.FALSE
    worst = Truth.TRUE
    for clause in statement.clauses:
        held = clause_holds(clause, question.context, lookup, denies=statement.effect == DENY)
        if held is Truth.FALSE:
            return Truth.FALSE
        if held is Truth.UNKNOWN:
            worst = Truth.UNKNOWN
    return worst


def _action_fits(actions: Choice, action: str) -> bool:
    """Both are in lower case already; globs over `service:Action` (rule card EVAL-02)."""
    matched = any(fits(action, plain_tokens(pattern)) for pattern in actions.patterns)
    return matched != actions.negated


def _resource_fits(resources: Choice, resource: str, lookup: Lookup | None) -> bool:
    """With case; `*` crosses colons; a variable without value matches nothing (EVAL-03)."""
    read = (tokens(pattern, lookup) for pattern in resources.patterns)
    matched = any(pattern is not None and fits(resource, pattern) for pattern in read)
    return matched != resources.negated


def _principal_fits(principals: Principals | None, principal: Principal) -> bool:
    if principals is None:
        return True
    return (named_by(principals, principal) is not Named.NOT) != principals.negated


def named_by(principals: Principals, principal: Principal) -> Named:
    """The closest way in which the entries name the requester (rule card EVAL-09)."""
    return max(
        (_named(kind, name, principal) for kind, name in principals.entries), default=Named.NOT
    )


def _named(kind: str, name: str, principal: Principal) -> Named:
    if kind == "AWS" and name == "*":
        return Named.ANYONE
    if kind != "AWS":
        return Named.ANYONE if name == principal.arn else Named.NOT
    if name == principal.arn and _is_one_caller(principal):
        return Named.EXACTLY
    if name == principal.arn or (
        principal.kind is PrincipalKind.ROLE and name == principal.principal_arn
    ):
        return Named.ROLE
    account = re.fullmatch(r"arn:[^:]*:iam::([0-9]{12}):root", name)
    is_account = principal.account and principal.account == (account[1] if account else name)
    return Named.ACCOUNT if is_account else Named.NOT


def _is_one_caller(principal: Principal) -> bool:
    """A user or a session; a role's own ARN stands for all its sessions, a root user's for all."""
    is_session = principal.arn.split(":")[2:3] == ["sts"]
    return principal.kind is PrincipalKind.USER or (
        is_session and principal.kind is not PrincipalKind.OTHER
    )
