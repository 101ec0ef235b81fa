"""One policy: try the styles from the narrowest on, and keep the first that is proved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.domain.authorization import AccessRequest, Level, NamedDocument, PolicyType
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.api import (
    NO_ASSUMPTIONS,
    Assumptions,
    prove_always_allowed,
    prove_closes_nothing,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.chain import Chain
from rootsteward.policy.prove.proof import Proof, Proved, Refuted, Unknown
from rootsteward.policy.prove.request_set import RequestSet, Who, actions_of
from rootsteward.policy.repair.blocking import can_apply
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.repair.json_style import minify
from rootsteward.policy.repair.repair import Safety, Style
from rootsteward.policy.repair.requests import NO_FACTS, Facts, all_required
from rootsteward.policy.repair.styles import has_growing_list, write_allow, write_deny
from rootsteward.policy.statement import compile_actions

NARROWEST_FIRST = (Style.SESSION_AND_TASK, Style.SESSION_ONLY)
"""The styles that are tried when none is asked for: those that open to root sessions only."""


@dataclass(frozen=True, slots=True)
class Blame:
    """What in a policy blocks: Deny statements, and tasks for which an Allow is to be added."""

    statements: Mapping[int, tuple[TaskPolicy, ...]]
    missing: tuple[TaskPolicy, ...] = ()

    @property
    def tasks(self) -> tuple[TaskPolicy, ...]:
        """All tasks blocked, in the order of the enum."""
        found = {t for tasks in self.statements.values() for t in tasks} | set(self.missing)
        return tuple(t for t in TaskPolicy if t in found)


@dataclass(frozen=True, slots=True)
class Change:
    """A new text that is proved to be what `opens` says."""

    style: Style
    new: str
    minified: bool
    opens: str
    safety: Safety
    proof: Proof
    stated: RequestSet
    assumptions: Assumptions
    beyond: Refuted | None


@dataclass(frozen=True, slots=True)
class NoChange:
    """No style led to a proved change."""

    reason: str
    advice: str = "edit the statement by hand, then run the proof on the old and the new text"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a change. `style` None: the narrowest that is proved."""

    tasks: tuple[TaskPolicy, ...]
    style: Style | None
    size_limit: int
    facts: Facts = NO_FACTS


def change_policy(document: Document, blame: Blame, wish: Wish) -> Change | NoChange:
    """Change one policy so that it blocks none of the tasks any more."""
    unreadable = _unreadable(document, blame)
    if unreadable is not None:
        return unreadable
    reasons: list[str] = []
    for style in _styles(document, blame) if wish.style is None else (wish.style,):
        change = _try_style(document, blame, wish, style)
        if isinstance(change, NoChange):
            reasons.append(f"{style.value}: {change.reason}")
        elif wish.style is not None or change.safety is Safety.SAFE:
            return change
        else:
            reasons.append(f"{style.value}: it would open more than root sessions")
    return NoChange("; ".join(reasons))


def _styles(document: Document, blame: Blame) -> tuple[Style, ...]:
    """The styles to try when none is asked for, the smallest edit first.

    A list of exceptions that is there already grows before a second one is written; that is taken
    only where it is proved to open to root sessions alone, because another statement keeps the
    long-term root credentials out: after an earlier repair, for one.
    """
    guilty = [document.statements[index] for index in blame.statements]
    if guilty and not blame.missing and all(map(has_growing_list, guilty)):
        return (Style.NOT_ACTION, *NARROWEST_FIRST)
    return NARROWEST_FIRST


def _unreadable(document: Document, blame: Blame) -> NoChange | None:
    problems = list(document.problems)
    for index in blame.statements:
        statement = document.statements[index]
        problems += statement.problems
        problems += [test.problem for test in statement.conditions if test.problem is not None]
    if not problems:
        return None
    at = problems[0].position
    where = f"line {at.line}, column {at.column}"
    return NoChange(
        f"AWS does not store this document, so nobody can say what it does: {where}: "
        f"{problems[0].message}",
        "correct that place, then repair the policy",
    )


def _try_style(document: Document, blame: Blame, wish: Wish, style: Style) -> Change | NoChange:
    actions = actions_of(wish.tasks)
    editor = Editor(document)
    for index in blame.statements:
        statement = document.statements[index]
        refused = write_deny(editor, statement, style, actions)
        if refused is not None:
            return NoChange(f"{_name(statement)}: {refused.reason}")
    if blame.missing:
        refused = write_allow(editor, style, actions_of(blame.missing))
        if refused is not None:
            return NoChange(refused.reason)
    new = editor.result()
    void = _void(new, blame, wish) if style is Style.EXCEPT_ROOT else None
    if void is not None:
        return NoChange(f"{_name(void)} is about the root user alone; nothing would be left of it")
    minified = len(new) > wish.size_limit
    if minified:
        new = minify(new)
    if len(new) > wish.size_limit:
        return NoChange(
            f"the policy would have {len(new):,} characters, minified, and the limit is "
            f"{wish.size_limit:,}"
        )
    return _prove_style(document, new, blame, wish, style, minified=minified)


def _void(new: str, blame: Blame, wish: Wish) -> Statement | None:
    """The first statement that can never apply any more."""
    document = parse_document(new, policy_type=PolicyType.SCP)
    everything = RequestSet.everything()
    for index in blame.statements:
        statement = document.statements[index]
        if not can_apply(document, statement, everything, wish.facts.partition):
            return statement
    return None


def _name(statement: Statement) -> str:
    return f"statement {statement.index}" + (f" ({statement.sid})" if statement.sid else "")


def _stated(
    style: Style, document: Document, blame: Blame, wish: Wish
) -> tuple[tuple[RequestSet, Assumptions], ...]:
    """What a style may open, the narrowest claim first."""
    actions = _opened_actions(document, blame, wish.tasks)
    session = (RequestSet(Who.ROOT_SESSION, actions), NO_ASSUMPTIONS)
    root_user = (RequestSet(Who.ROOT_USER, actions), NO_ASSUMPTIONS)
    match style:
        case Style.SESSION_AND_TASK:
            return (session,)
        case Style.SESSION_ONLY:
            all_actions = _opened_actions(document, blame, TaskPolicy)
            keep = Assumptions(sessions_keep_to_tasks=True)
            return (session, (RequestSet(Who.ROOT_SESSION, all_actions), keep))
        case Style.NOT_ACTION:
            return (session, root_user, (RequestSet(Who.ANYONE, actions), NO_ASSUMPTIONS))
        case Style.EXCEPT_ROOT:
            return (root_user, (RequestSet.root_user(), NO_ASSUMPTIONS))


def _opened_actions(
    document: Document, blame: Blame, tasks: Iterable[TaskPolicy]
) -> tuple[str, ...]:
    """The actions of tasks that the statements to blame are about."""
    tests = [compile_actions(document.statements[i].actions) for i in blame.statements]
    missing = set(actions_of(blame.missing))
    return tuple(
        a for a in actions_of(tasks) if a in missing or any(test(a.lower()) for test in tests)
    )


def _prove_style(
    document: Document, new: str, blame: Blame, wish: Wish, style: Style, *, minified: bool
) -> Change | NoChange:
    pairs = _judged_in(document, new, blame, wish.facts.partition)
    last: Proof | None = None
    for stated, assumptions in _stated(style, document, blame, wish):
        last = _prove_pairs(pairs, stated, assumptions, blame, wish)
        if isinstance(last, Proved):
            beyond = _beyond(pairs, stated)
            safe = stated.who is Who.ROOT_SESSION
            return Change(
                style,
                new,
                minified,
                _sentence(stated, assumptions),
                Safety.SAFE if safe else Safety.UNSAFE,
                last,
                stated,
                assumptions,
                beyond,
            )
    return NoChange(_why_not(last))


def _judged_in(
    document: Document, new: str, blame: Blame, partition: str
) -> tuple[tuple[Chain, Chain], ...]:
    """The chains in which a change is judged, so that the answer holds wherever it is attached.

    What any chain opens is opened by a Deny that no longer applies or by an Allow that now does.
    The first shows when everything else allows, the second when nothing else does.
    """
    old = document.source
    pairs = [(Chain.of(old, partition=partition), Chain.of(new, partition=partition))]
    if any(s.effect is not Effect.DENY for s in document.statements) or blame.missing:
        pairs.append((_alone(old, partition), _alone(new, partition)))
    return tuple(pairs)


def _alone(text: str, partition: str) -> Chain:
    return Chain.read((Level("the level", (NamedDocument("policy", text),)),), partition)


def _prove_pairs(
    pairs: Sequence[tuple[Chain, Chain]],
    stated: RequestSet,
    assumptions: Assumptions,
    blame: Blame,
    wish: Wish,
) -> Proof:
    certificate: list[AccessRequest] = []
    for before, after in pairs:
        for proof in (
            prove_closes_nothing(before, after),
            prove_opens_nothing_else(before, after, stated, assumptions=assumptions),
        ):
            if not isinstance(proof, Proved):
                return proof
            certificate += proof.certificate
    denied = tuple(t for tasks in blame.statements.values() for t in tasks)
    for tasks, after in ((denied, pairs[0][1]), (blame.missing, pairs[-1][1])):
        for requests in all_required(dict.fromkeys(tasks), wish.facts):
            proof = prove_always_allowed(after, requests)
            if not isinstance(proof, Proved):
                return proof
            certificate += proof.certificate
    claim = f"the change opens exactly this, where other policies allow it: {stated.describe()}"
    return Proved(claim, tuple(certificate), assumptions.texts())


def _beyond(pairs: Sequence[tuple[Chain, Chain]], stated: RequestSet) -> Refuted | None:
    """A request that somebody other than a root session gains."""
    if stated.who is Who.ROOT_SESSION:
        return None
    for before, after in pairs:
        proof = prove_opens_nothing_else(before, after, RequestSet.root_sessions())
        if isinstance(proof, Refuted):
            return proof
    return None


def _sentence(stated: RequestSet, assumptions: Assumptions) -> str:
    what = stated.describe()
    if assumptions.sessions_keep_to_tasks:
        return (
            "opens to root sessions from sts:AssumeRoot whatever their task policy lets them do, "
            "and nothing to long-term root credentials or anyone else"
        )
    match stated.who:
        case Who.ROOT_SESSION:
            rest = "and nothing to long-term root credentials or anyone else"
        case Who.ROOT_USER | Who.LONG_TERM_ROOT_USER:
            rest = "long-term root credentials included"
        case Who.ANYONE:
            rest = "IAM users and roles included, as far as their own policies allow"
    return f"opens {what}, {rest}"


def _why_not(proof: Proof | None) -> str:
    match proof:
        case Refuted(question, witness):
            who = witness.principal
            return f"not true that {question}: {who} with {witness.action} is a counterexample"
        case Unknown(question, reason):
            return f"could not prove that {question}: {reason}"
        case _:
            return "nothing to prove"


def read_scp(document: NamedDocument) -> Document:
    """Parse one SCP.

    Raises:
        PolicySyntaxError: when it is malformed.
    """
    return parse_document(document.text, name=document.name, policy_type=PolicyType.SCP)


def read_rcp(document: NamedDocument) -> Document:
    """Parse one RCP.

    Raises:
        PolicySyntaxError: when it is malformed.
    """
    return parse_document(document.text, name=document.name, policy_type=PolicyType.RCP)
