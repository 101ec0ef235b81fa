"""Every statement in its place, and what is left of it once the action is known."""

from collections.abc import Iterable
from dataclasses import dataclass

from rootsteward.domain.authorization import (
    Answer,
    DecidedBy,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.document import Effect
from rootsteward.policy.statement import CompiledStatement, compile_text
from rootsteward.policy.wording import describe, type_label


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement where it is attached, with the answer it gives when it denies."""

    statement: CompiledStatement
    by: DecidedBy
    denied: Answer


@dataclass(frozen=True, slots=True)
class Group:
    """Statements of which one Allow is enough: the policies of one level."""

    policy_type: PolicyType
    statements: tuple[Placed, ...]
    missing: Answer


@dataclass(frozen=True, slots=True)
class Gate:
    """What can allow an action at one level, and the answer when nothing does."""

    allows: tuple[Placed, ...]
    missing: Answer


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to ask once the action is known."""

    denies: tuple[Placed, ...]
    scps: tuple[Gate, ...]
    sessions: tuple[Gate, ...]
    identity: Gate
    boundary: tuple[Gate, ...]
    resource_denies: tuple[Placed, ...]
    resource: Gate | None


class PlacedPolicies:
    """All statements of a policy set, read once, by the place where they are attached."""

    def __init__(self, policies: PolicySet) -> None:
        self._scps = _levels(PolicyType.SCP, policies.scp_levels)
        self._rcps = _levels(PolicyType.RCP, policies.rcp_levels)
        self._task = _optional(PolicyType.TASK, policies.task_policy)
        self._sessions = (
            ()
            if policies.session_policies is None
            else (_group(PolicyType.SESSION, policies.session_policies),)
        )
        self._boundary = _optional(PolicyType.BOUNDARY, policies.permissions_boundary)
        self._identity = _group(PolicyType.IDENTITY, policies.identity_policies)
        self._resource = _optional(PolicyType.RESOURCE, policies.resource_policy)

    def plan(self, action: str, *, service_linked: bool, outsider: bool) -> Plan:
        """What to ask about an action in lower case.

        Service-linked roles are beyond SCPs and RCPs, whoever has no account is beyond SCPs
        (rule cards SCP-06, RCP-03, EVAL-09).
        """
        scps = () if service_linked or outsider else self._scps
        rcps = () if service_linked else self._rcps
        own = (*self._task, *self._sessions, self._identity, *self._boundary)
        return Plan(
            denies=tuple(p for g in (*scps, *rcps, *own) for p in _denies(g, action)),
            scps=_gates(scps, action),
            sessions=_gates(self._sessions, action),
            boundary=_gates(self._boundary, action),
            identity=_gate(self._identity, action),
            resource_denies=tuple(p for g in self._resource for p in _denies(g, action)),
            resource=next((_gate(g, action) for g in self._resource), None),
        )


def _levels(policy_type: PolicyType, levels: tuple[Level, ...] | None) -> tuple[Group, ...]:
    return tuple(_group(policy_type, level.documents, level.entity) for level in levels or ())


def _optional(policy_type: PolicyType, document: NamedDocument | None) -> tuple[Group, ...]:
    return () if document is None else (_group(policy_type, (document,)),)


def _group(policy_type: PolicyType, documents: Iterable[NamedDocument], level: str = "") -> Group:
    placed = tuple(
        _place(statement, policy_type, level, document.name)
        for document in documents
        for statement in compile_text(document.text, policy_type)
    )
    by = DecidedBy(policy_type, level)
    where = f" at level `{level}`" if level else ""
    why = f"no {type_label(policy_type)}{where} allows the action"
    return Group(policy_type, placed, Answer(Decision.IMPLICIT_DENY, (by,), (), why))


def _place(statement: CompiledStatement, policy_type: PolicyType, level: str, name: str) -> Placed:
    by = DecidedBy(
        policy_type, level, name, statement.index, statement.sid, statement.line, statement.column
    )
    why = f"an explicit deny in {describe(by)}"
    return Placed(statement, by, Answer(Decision.EXPLICIT_DENY, (by,), (), why))


def _denies(group: Group, action: str) -> Iterable[Placed]:
    return (
        p
        for p in group.statements
        if p.statement.effect is not Effect.ALLOW and p.statement.actions(action)
    )


def _gate(group: Group, action: str) -> Gate:
    allows = tuple(
        p
        for p in group.statements
        if p.statement.effect is not Effect.DENY and p.statement.actions(action)
    )
    return Gate(allows, group.missing)


def _gates(groups: Iterable[Group], action: str) -> tuple[Gate, ...]:
    """The gates that are not open to every request for the action."""
    gates = (_gate(group, action) for group in groups)
    return tuple(g for g in gates if not any(p.statement.unconditional for p in g.allows))
