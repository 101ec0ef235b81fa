"""The question of authorization, answered plainly.

In three steps, each over everything that is in force: does a Deny apply; might an unreadable Deny
apply; is every Allow there that must be there. SOURCE: rule cards EVAL-04 to EVAL-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    DecidedBy,
    Decision,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.domain.errors import BugError
from rootsteward.spec.conditions import Truth
from rootsteward.spec.context import PrincipalKind, full_context, principal_of, resource_account
from rootsteward.spec.document import ALLOW, DENY, Statement, parse
from rootsteward.spec.statements import Named, Question, applies, named_by

# Denies in a resource policy that cannot hold the owner's root user (rule cards EVAL-10, EVAL-11).
_ROOT_USER_BYPASSES = {
    "s3:getbucketpolicy",
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
    "sqs:getqueueattributes",
    "sqs:setqueueattributes",
    "sqs:getqueueurl",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that applies or may apply. `named`: how a resource policy names the caller."""

    effect: str
    truth: Truth
    by: DecidedBy
    reason: str
    named: Named


@dataclass(frozen=True, slots=True)
class Source:
    """One place that can speak: a level of a chain, or all policies of one type."""

    policy_type: PolicyType
    level: str
    hits: tuple[Hit, ...]

    def allows(self) -> list[Hit]:
        """Statements that allow, or may."""
        return [hit for hit in self.hits if hit.effect != DENY]

    def denies(self) -> list[Hit]:
        """Statements that deny, or may."""
        return [hit for hit in self.hits if hit.effect != ALLOW]

    def naming(self, at_least: Named) -> "Source":
        """The same source with only the statements that name the caller closely enough."""
        hits = tuple(hit for hit in self.hits if hit.named >= at_least)
        return Source(self.policy_type, self.level, hits)


# One Allow in any of the sources is needed; the first is named when there is none.
Requirement = tuple[Source, ...]


def judge(request: AccessRequest, policies: PolicySet) -> Answer:
    """Decide one request whose context is wholly known.

    It does not ask whether the action or resource exists. Lines and columns are not filled in.

    Raises:
        BugError: when the request has unknown keys; only the engine answers *depends*.
    """
    if request.unknown_keys:
        raise BugError(
            "the specification was asked about unknown keys: "
            + ", ".join(f"`{key}`" for key in sorted(request.unknown_keys)),
            help="give their values, or ask the policy engine",
        )
    context = full_context(request, root_session=policies.task_policy is not None)
    principal = principal_of(request, context)
    question = Question(request.action.lower(), request.resource, principal, context)
    account = principal.account
    sources = list(_sources(policies, question))
    owned = bool(account) and resource_account(request, context, principal) == account
    denies = [
        hit for source in sources if _binds(source, question, owned) for hit in source.denies()
    ]
    return _denied(denies) or _allowed(_requirements(policies, sources, question, owned=owned))


def _sources(policies: PolicySet, question: Question) -> Iterator[Source]:
    """Everything in force, in the order in which it is reported (rule card EVAL-04)."""
    if not question.principal.is_service_linked_role:
        # Callers without an account (services, anonymous) are outsiders to every SCP.
        for level in (policies.scp_levels or ()) if question.principal.account else ():
            yield _source(PolicyType.SCP, level.entity, level.documents, question)
        for level in policies.rcp_levels or ():
            yield _source(PolicyType.RCP, level.entity, level.documents, question)
    singles = (
        (PolicyType.TASK, _optional(policies.task_policy)),
        (PolicyType.SESSION, policies.session_policies),
        (PolicyType.IDENTITY, policies.identity_policies),
        (PolicyType.BOUNDARY, _optional(policies.permissions_boundary)),
        (PolicyType.RESOURCE, _optional(policies.resource_policy)),
    )
    for policy_type, documents in singles:
        if documents is not None:
            yield _source(policy_type, "", documents, question)


def _optional(document: NamedDocument | None) -> tuple[NamedDocument, ...] | None:
    return None if document is None else (document,)


def _source(
    policy_type: PolicyType, level: str, documents: tuple[NamedDocument, ...], question: Question
) -> Source:
    hits = []
    for named_document in documents:
        document = parse(named_document.text, policy_type)
        for statement in document.statements:
            truth = applies(statement, question, variables=document.variables)
            if truth is not Truth.FALSE:
                by = DecidedBy(
                    policy_type, level, named_document.name, statement.index, statement.sid
                )
                hits.append(_hit(statement, truth, by, question))
    return Source(policy_type, level, tuple(hits))


def _hit(statement: Statement, truth: Truth, by: DecidedBy, question: Question) -> Hit:
    reasons = [statement.trouble, *(clause.trouble for clause in statement.clauses)]
    named = Named.ANYONE
    if statement.principals is not None and not statement.principals.negated:
        named = named_by(statement.principals, question.principal)
    return Hit(statement.effect, truth, by, "; ".join(filter(None, reasons)), named)


def _binds(source: Source, question: Question, owned: bool) -> bool:  # noqa: FBT001 (a fact)
    """Whether the denies of this source count (rule cards EVAL-10 and EVAL-11)."""
    bypassed = (
        source.policy_type is PolicyType.RESOURCE
        and question.principal.kind is PrincipalKind.ROOT_USER
        and owned
        and question.action in _ROOT_USER_BYPASSES
    )
    return not bypassed


def _denied(denies: list[Hit]) -> Answer | None:
    """A Deny that applies ends the question; one that may apply leaves it open (EVAL-05)."""
    certain = [hit for hit in denies if hit.truth is Truth.TRUE]
    if certain:
        why = f"denied by {_place(certain[0].by)}"
        return Answer(Decision.EXPLICIT_DENY, tuple(hit.by for hit in certain), why=why)
    if denies:
        return _undetermined(denies, "may deny")
    return None


def _undetermined(hits: list[Hit], might: str) -> Answer:
    why = f"{_place(hits[0].by)} {might} but cannot be read: {hits[0].reason}"
    return Answer(Decision.UNDETERMINED, tuple(hit.by for hit in hits), why=why)


def _requirements(
    policies: PolicySet, sources: list[Source], question: Question, *, owned: bool
) -> list[Requirement]:
    """The Allows that must all be there (rule cards SCP-03, EVAL-06, EVAL-07, EVAL-09)."""
    by_type = {source.policy_type: source for source in sources}
    levels: list[Requirement] = [(s,) for s in sources if s.policy_type is PolicyType.SCP]
    resource = by_type.get(PolicyType.RESOURCE)
    identity = by_type[PolicyType.IDENTITY]
    if not question.principal.account:
        # A caller without an account has no policies of its own that could allow it.
        return [(resource or Source(PolicyType.IDENTITY, "", ()),)]
    same_account: Requirement = (resource,) if resource is not None and owned else ()
    exactly = tuple(source.naming(Named.EXACTLY) for source in same_account)
    sessions: list[Requirement] = []
    if policies.session_policies is not None:
        sessions = [(by_type[PolicyType.SESSION], *exactly)]
    bounds: list[Requirement] = []
    if policies.permissions_boundary is not None:
        bounds = [(by_type[PolicyType.BOUNDARY], *exactly)]
    grants: list[Requirement] = []
    if question.principal.kind is not PrincipalKind.ROOT_USER:
        grants = [(identity, *(source.naming(Named.ANYONE) for source in same_account))]
    across: list[Requirement] = [(resource,)] if resource is not None and not owned else []
    return [*levels, *sessions, *grants, *bounds, *across]


def _allowed(requirements: list[Requirement]) -> Answer:
    """Allowed when every requirement is met; what is missing for certain is named first."""
    met: list[DecidedBy] = []
    unsure: list[Hit] = []
    for requirement in requirements:
        hits = [hit for source in requirement for hit in source.allows()]
        certain = [hit.by for hit in hits if hit.truth is Truth.TRUE]
        if not hits:
            missing = DecidedBy(requirement[0].policy_type, requirement[0].level)
            why = f"no Allow in {_place(missing)}"
            return Answer(Decision.IMPLICIT_DENY, (missing,), why=why)
        if certain:
            met += [by for by in certain if by not in met]
        else:
            unsure += hits
    if unsure:
        return _undetermined(unsure, "may allow")
    why = (
        "allowed by " + ", ".join(map(_place, met))
        if met
        else "allowed: nothing limits the root user"
    )
    return Answer(Decision.ALLOWED, tuple(met), why=why)


def _place(by: DecidedBy) -> str:
    """A statement or level in words."""
    words = [by.policy_type.value.replace("_", " ")]
    if by.policy:
        words.append(f"`{by.policy}`")
    if by.statement_index is not None:
        words.append(f"statement {by.statement_index}" + (f" `{by.sid}`" if by.sid else ""))
    if by.level:
        words.append(f"at `{by.level}`")
    return " ".join(words)
