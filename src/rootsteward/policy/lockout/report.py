"""Does a resource policy lock out the account that owns the resource, and which statement does it?

A resource is locked when every call that could mend its policy is denied, without a condition, to
every administrator of the owner's account. Only the root user passes then (rule cards EVAL-10,
EVAL-11). Denials with a condition are named, but are no lock-outs: whoever meets the condition
still gets in.
"""

from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import (
    AccessRequest,
    DecidedBy,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.explain import Matched, PartNode, StatementNode, ask_statements
from rootsteward.policy.lockout.whom import Reach, Whom, whom
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError

_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
# What is the same for every administrator of the owner's account, whatever they call from.
_KNOWN_KEYS = frozenset(
    {"aws:principalaccount", "aws:resourceaccount", "aws:principalisawsservice"}
)


@dataclass(frozen=True, slots=True)
class Protectee:
    """The resource whose policy it is: its ARN, its owner, and the calls that mend its policy.

    `unseen_grants` names what else may let others in and cannot be read; empty for nothing.
    """

    arn: str
    owner: str
    mending_actions: tuple[str, ...]
    unseen_grants: str = ""


class Force(StrEnum):
    """What a Deny on the mending calls comes to."""

    LOCKS = "locks"
    CONDITIONAL = "conditional"
    SOME = "some"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StatementLock:
    """One Deny statement and what it does to mending calls.

    `actions` are those it denies; `why` says what makes it no lock-out, or empty.
    """

    by: DecidedBy
    force: Force
    whom: Whom
    actions: tuple[str, ...]
    why: str = ""

    @property
    def name(self) -> str:
        """Such as ``statement 2 `LockedOut```, counted from 1."""
        return statement_name(self.by)


class LockState(StrEnum):
    """Whether the owner's account can mend the policy. `UNCLEAR`: the policy cannot be read."""

    LOCKED = "locked"
    NOT_LOCKED = "not locked"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class LockReport:
    """What a policy does to the owner's account.

    `statements` are all Deny statements that concern mending calls, in the policy's order.
    `problem` says why an unclear policy is unclear.
    """

    state: LockState
    statements: tuple[StatementLock, ...] = ()
    problem: str = ""

    @property
    def locking(self) -> tuple[StatementLock, ...]:
        """The statements that deny mending calls to the whole account."""
        return tuple(s for s in self.statements if s.force is Force.LOCKS)

    def lines(self) -> tuple[str, ...]:
        """One line a statement, in English."""
        return tuple(_line(lock, self.state) for lock in self.statements)


def statement_name(by: DecidedBy) -> str:
    """A statement as people count, from 1, with its Sid where it has one."""
    position = 0 if by.statement_index is None else by.statement_index + 1
    return f"statement {position}" + (f" `{by.sid}`" if by.sid else "")


def examine(policy: str, resource: Protectee) -> LockReport:
    """Find the statements that keep the owner's account from mending a policy."""
    try:
        document = parse_document(policy, policy_type=PolicyType.RESOURCE)
    except PolicySyntaxError as error:
        return LockReport(LockState.UNCLEAR, problem=error.message)
    denied = {action: _denials(document, resource, action) for action in resource.mending_actions}
    locks = tuple(
        lock
        for statement in document.statements
        if (lock := _lock_of(statement, denied, resource)) is not None
    )
    return _report(document, locks, resource)


def _report(
    document: Document, locks: tuple[StatementLock, ...], resource: Protectee
) -> LockReport:
    shut = {action for lock in locks if lock.force is Force.LOCKS for action in lock.actions}
    if shut.issuperset(resource.mending_actions):
        return LockReport(LockState.LOCKED, locks)
    problem = _problem(document, locks)
    if problem:
        return LockReport(LockState.UNCLEAR, locks, problem)
    return LockReport(LockState.NOT_LOCKED, locks)


def _problem(document: Document, locks: tuple[StatementLock, ...]) -> str:
    if document.problems:
        return document.problems[0].message
    unreadable = next((lock for lock in locks if lock.force is Force.UNREADABLE), None)
    return "" if unreadable is None else f"{unreadable.name}: {unreadable.why}"


def _denials(document: Document, resource: Protectee, action: str) -> dict[int, StatementNode]:
    """The engine's view of every statement that is no Allow, for an administrator's call.

    Keys whose value differs from one administrator or call to the next are unknown.
    """
    keys = {test.key for statement in document.statements for test in statement.conditions}
    request = AccessRequest(
        principal=_somebody(document, resource),
        action=action,
        resource=resource.arn,
        context={"aws:ResourceAccount": resource.owner},
        unknown_keys=frozenset(key for key in keys if key.lower() not in _KNOWN_KEYS),
    )
    named = NamedDocument(document.name, document.source)
    sections = ask_statements(request, PolicySet(resource_policy=named))
    return {
        node.by.statement_index: node
        for section in sections
        for document_node in section.documents
        for node in document_node.statements
        if node.effect is not Effect.ALLOW and node.by.statement_index is not None
    }


def _somebody(document: Document, resource: Protectee) -> str:
    """A session of an administrator role that the policy does not name."""
    role = "administrator"
    while role in document.source:
        role += "-x"
    partition = resource.arn.split(":")[1]
    return f"arn:{partition}:sts::{resource.owner}:assumed-role/{role}/session"


def _lock_of(
    statement: Statement, denied: dict[str, dict[int, StatementNode]], resource: Protectee
) -> StatementLock | None:
    """What a statement does to the mending calls; None when it does nothing to them."""
    nodes = {
        action: by_index[statement.index]
        for action, by_index in denied.items()
        if statement.index in by_index
    }
    concerned = {action: node for action, node in nodes.items() if _concerns(node)}
    meant = whom(statement, resource.owner)
    if not concerned or meant.reach is Reach.ELSEWHERE:
        return None
    force, why = _force(statement, concerned, meant)
    return StatementLock(next(iter(concerned.values())).by, force, meant, tuple(concerned), why)


def _concerns(node: StatementNode) -> bool:
    """Whether everything but the principal matches, or may.

    WHY an unreadable statement always does: nobody can say what its other parts are worth.
    """
    return _is_unreadable(node) or all(
        part.matched is not Matched.NO for part in _but_principal(node)
    )


def _is_unreadable(node: StatementNode) -> bool:
    return any(part.element == "Statement" for part in node.parts)


def _force(
    statement: Statement, concerned: dict[str, StatementNode], meant: Whom
) -> tuple[Force, str]:
    node = next(iter(concerned.values()))
    problem = problem_of(statement)
    if problem or _is_unreadable(node):
        return Force.UNREADABLE, problem or node.reason
    open_ = [part.element for part in _but_principal(node) if part.matched is Matched.UNKNOWN]
    if open_:
        return Force.CONDITIONAL, f"only where {' and '.join(open_)} holds"
    if not meant.reach.whole_account:
        return Force.SOME, "administrators who are not meant can mend the policy"
    return Force.LOCKS, ""


def problem_of(statement: Statement) -> str:
    """What cannot be read in a statement, its conditions included; empty when all can."""
    tests = (test.problem for test in statement.conditions if test.problem is not None)
    return next((problem.message for problem in (*statement.problems, *tests)), "")


def _but_principal(node: StatementNode) -> list[PartNode]:
    return [part for part in node.parts if part.element not in _PRINCIPALS]


def _line(lock: StatementLock, state: LockState) -> str:
    place = f" (line {lock.by.line}, column {lock.by.column})"
    calls = " and ".join(lock.actions)
    said = f"{lock.name}{place} denies {lock.whom.words} {calls}"
    if lock.force is Force.UNREADABLE:
        return f"{lock.name}{place} cannot be read: {lock.why}"
    if lock.force is Force.LOCKS and state is not LockState.LOCKED:
        return f"{said}; another call that mends the policy is left"
    return f"{said}; {lock.why}: no lock-out" if lock.why else said
