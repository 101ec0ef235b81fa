"""The same answer as a tree in the shape of the policies, with a reason for each no.

Every part of every statement is asked, so this is slower than `evaluate` and says more: which
statements would deny beside the first, and why the others do not apply.
"""

from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    DecidedBy,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.conditions.compile import compile_test
from rootsteward.policy.context import PRESENT, RequestContext, context_of
from rootsteward.policy.document import (
    ConditionTest,
    Document,
    Effect,
    Problem,
    Quantifier,
    Statement,
)
from rootsteward.policy.evaluate import owner_may
from rootsteward.policy.parse import parse_document
from rootsteward.policy.principals import PrincipalMatch, compile_principals
from rootsteward.policy.settle import Completion, settle
from rootsteward.policy.statement import compile_actions, compile_resources
from rootsteward.policy.syntax_error import PolicySyntaxError
from rootsteward.policy.truth import Truth, Unsure, all_of

_SHOWN_VALUES = 3


class Matched(StrEnum):
    """Whether a node applies to the request."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartNode:
    """One part of a statement: `Action`, `Resource`, `Principal` or a condition test.

    `reason` says why not, or what is not known; it is empty for a yes.
    """

    element: str
    matched: Matched
    reason: str


@dataclass(frozen=True, slots=True)
class StatementNode:
    """A statement and its parts. `reason` is that of the first part that is a no, or unknown."""

    by: DecidedBy
    effect: Effect | None
    matched: Matched
    reason: str
    parts: tuple[PartNode, ...]


@dataclass(frozen=True, slots=True)
class DocumentNode:
    """A document. `error` is set, and `statements` empty, when it cannot be read."""

    name: str
    error: str
    statements: tuple[StatementNode, ...]


@dataclass(frozen=True, slots=True)
class SectionNode:
    """A level of a policy type, or the one place of a type without levels.

    `exempt` says why its statements (of a resource policy: its Denies) do not bind this caller,
    whatever matches; it is empty where they do.
    """

    policy_type: PolicyType
    level: str
    documents: tuple[DocumentNode, ...]
    exempt: str = ""

    def binds(self, effect: Effect | None) -> bool:
        """Whether statements of that effect count."""
        only_denies = self.policy_type is PolicyType.RESOURCE and effect is Effect.ALLOW
        return not self.exempt or only_denies


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer of `settle`, and the tree beneath it.

    `deciding` has, for an answer that depends on unknown keys, values that settle it either way.
    """

    answer: Answer
    sections: tuple[SectionNode, ...]
    deciding: tuple[Completion, ...] = ()

    def matching(self, effect: Effect) -> tuple[StatementNode, ...]:
        """Every statement of that effect that surely applies and binds, in the tree's order."""
        return tuple(
            statement
            for section in self.sections
            for document in section.documents
            for statement in document.statements
            if statement.effect is effect and statement.matched is Matched.YES
            if section.binds(effect)
        )


def explain(request: AccessRequest, policies: PolicySet) -> Explanation:
    """Decide one request and say for every statement whether it applies, and why not."""
    sections = ask_statements(request, policies)
    settled = settle(request, policies)
    return Explanation(settled.answer, sections, settled.deciding)


def ask_statements(request: AccessRequest, policies: PolicySet) -> tuple[SectionNode, ...]:
    """The tree alone: whether each statement applies; no answer, and no search for values."""
    context = context_of(request, root_session=policies.task_policy is not None)
    return tuple(
        SectionNode(
            type_,
            level,
            tuple(_document(d, type_, level, context) for d in documents),
            _exempt(type_, context),
        )
        for type_, level, documents in _places(policies)
    )


def _exempt(policy_type: PolicyType, context: RequestContext) -> str:
    """Why policies of a type do not bind the caller; empty if they do (SCP-06, RCP-03, EVAL-10)."""
    if policy_type in {PolicyType.SCP, PolicyType.RCP} and context.service_linked:
        return "does not bind service-linked roles"
    if policy_type is PolicyType.SCP and not context.principal.account:
        return "does not bind callers without an account"
    if policy_type is PolicyType.RESOURCE and owner_may(context):
        return "cannot deny this to the root user of the account that owns the resource"
    return ""


def _places(policies: PolicySet) -> list[tuple[PolicyType, str, tuple[NamedDocument, ...]]]:
    """Every place a document can stand, in the order in which they are asked (EVAL-04)."""
    places: list[tuple[PolicyType, str, tuple[NamedDocument, ...]]] = [
        *((PolicyType.SCP, level.entity, level.documents) for level in policies.scp_levels or ()),
        *((PolicyType.RCP, level.entity, level.documents) for level in policies.rcp_levels or ()),
    ]
    singles = (
        (PolicyType.TASK, policies.task_policy),
        (PolicyType.BOUNDARY, policies.permissions_boundary),
        (PolicyType.RESOURCE, policies.resource_policy),
    )
    task, boundary, resource = (
        [(type_, "", (document,))] if document else [] for type_, document in singles
    )
    places += task
    if policies.session_policies is not None:
        places.append((PolicyType.SESSION, "", policies.session_policies))
    if policies.identity_policies:
        places.append((PolicyType.IDENTITY, "", policies.identity_policies))
    return places + boundary + resource


def _document(
    named: NamedDocument, policy_type: PolicyType, level: str, context: RequestContext
) -> DocumentNode:
    try:
        document = parse_document(named.text, name=named.name, policy_type=policy_type)
    except PolicySyntaxError as error:
        return DocumentNode(named.name, error.message, ())
    nodes = tuple(_statement(s, document, level, context) for s in document.statements)
    return DocumentNode(named.name, "", nodes)


def _statement(
    statement: Statement, document: Document, level: str, context: RequestContext
) -> StatementNode:
    by = DecidedBy(
        document.policy_type,
        level,
        document.name,
        statement.index,
        statement.sid,
        statement.position.line,
        statement.position.column,
    )
    asked = _parts(statement, document, context)
    matched = _matched(all_of(truth for truth, _ in asked))
    if _problems(statement, document):
        matched = Matched.UNKNOWN
    parts = tuple(part for _, part in asked)
    reason = next((p.reason for p in parts if p.matched is matched and p.reason), "")
    return StatementNode(by, statement.effect, matched, reason, parts)


def _parts(
    statement: Statement, document: Document, context: RequestContext
) -> list[tuple[Truth, PartNode]]:
    """The parts in the order of the language, each with its truth."""
    variables = document.variables_on
    parts: list[tuple[Truth, PartNode]] = []
    if statement.actions is not None:
        element = "NotAction" if statement.actions.negated else "Action"
        listed = "one of the excepted actions" if statement.actions.negated else "not listed"
        truth: Truth = compile_actions(statement.actions)(context.action)
        parts.append(_part(element, truth, f"`{context.action}` is {listed}"))
    if statement.resources is not None:
        element = "NotResource" if statement.resources.negated else "Resource"
        listed = "one of the excepted resources" if statement.resources.negated else "not listed"
        resources = compile_resources(statement.resources, variables=variables)
        truth = True if resources is None else resources(context)
        parts.append(_part(element, truth, f"`{context.resource}` is {listed}"))
    if statement.principals is not None:
        element = "NotPrincipal" if statement.principals.negated else "Principal"
        closeness = compile_principals(statement.principals)(context.principal)
        truth = closeness is not PrincipalMatch.NO
        parts.append(_part(element, truth, f"`{context.principal.arn}` is not meant"))
    for test in statement.conditions:
        truth = compile_test(test, effect=statement.effect, variables=variables)(context)
        parts.append(_part(f"{test.spelled} {test.key}", truth, _why_not(test, context)))
    unreadable = (Unsure(problems=(problem.message,)) for problem in _problems(statement, document))
    return [*parts, *(_part("Statement", unsure, "") for unsure in unreadable)]


def _problems(statement: Statement, document: Document) -> tuple[Problem, ...]:
    return document.problems + statement.problems


def _matched(truth: Truth) -> Matched:
    if isinstance(truth, Unsure):
        return Matched.UNKNOWN
    return Matched.YES if truth else Matched.NO


def _part(element: str, truth: Truth, why_not: str) -> tuple[Truth, PartNode]:
    reason = ""
    if isinstance(truth, Unsure):
        unknown = [f"the value of {key} is not known" for key in truth.keys]
        reason = "; ".join([*truth.problems, *unknown])
    elif not truth:
        reason = why_not
    return truth, PartNode(element, _matched(truth), reason)


def _why_not(test: ConditionTest, context: RequestContext) -> str:
    """What the request has, beside what the test wants."""
    value = context.values.get(test.key.lower())
    if value is None:
        return f"{test.key} is absent"
    if value is PRESENT:
        return f"{test.key} is present"
    if test.operator == "Null":
        return f"{test.key} is present"
    several = isinstance(value, tuple) and len(value) > 1
    if several and test.quantifier is Quantifier.NONE:
        return f"{test.key} has {len(value)} values, and {test.spelled} compares only one"
    shown = value if isinstance(value, str) else ", ".join(value)
    return f"{test.key} is `{shown}`, the policy says {_listed(test.values)}"


def _listed(values: tuple[str, ...]) -> str:
    if not values:
        return "nothing (an empty list)"
    shown = ", ".join(f"`{v}`" for v in values[:_SHOWN_VALUES])
    more = len(values) - _SHOWN_VALUES
    return f"{shown} and {more} more" if more > 0 else shown
