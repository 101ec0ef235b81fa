"""The proof that an edit of a resource policy opens nothing but what it says, and closes nothing.

The checker looks only at the two texts, never at how the second was made. What it finds is an
argument in three steps, sound for every request whatever else is in force:

1. Every statement of the old policy stands unchanged in the new one, in its order, except Deny
   statements that are gone or that have one test more. So every Allow is there as before.
2. A Deny that is gone applies to nothing, a Deny with one test more to fewer requests than before.
   So no request is denied that was not: nothing is closed.
3. A request whose answer changes was therefore denied before by one of those statements, and, for a
   Deny with a test more, fails that test: its caller is of the owner's account (rule card EVAL-20).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import (
    ConditionTest,
    Document,
    Effect,
    PatternList,
    PrincipalList,
    Quantifier,
    Statement,
)
from rootsteward.policy.lockout.same import condition_meaning
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError

EXEMPTION_OPERATOR = "StringNotEquals"
EXEMPTION_KEY = "aws:PrincipalAccount"


class Fate(StrEnum):
    """What becomes of a Deny statement. `NARROW`: it no longer holds the owner's account."""

    REMOVE = "remove"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was checked: the fate of each changed statement, by its index from 0 in the old text."""

    fates: Mapping[int, Fate]
    owner: str
    kept: int

    def lines(self) -> tuple[str, ...]:
        """The argument in English."""
        kept = _counted(self.kept, "other statement")
        changed = _counted(len(self.fates), "Deny statement")
        closes = f"closes nothing: {kept} kept as written, and {changed} now denies less"
        opens = "opens nothing else: an answer differs only where a changed statement denied"
        return (closes, f"{opens}{_whose(self.fates, self.owner)}")


@dataclass(frozen=True, slots=True)
class NoCertificate:
    """The second text is not such an edit of the first, because of `reason`."""

    reason: str


def certify(before: str, after: str | None, owner: str) -> Certificate | NoCertificate:
    """Check an edit. `after` None: the policy is gone, which is no statement at all."""
    try:
        old = parse_document(before, name="before", policy_type=PolicyType.RESOURCE)
        new = None
        if after is not None:
            new = parse_document(after, name="after", policy_type=PolicyType.RESOURCE)
    except PolicySyntaxError as error:
        return NoCertificate(error.message)
    if old.problems or (new is not None and (new.problems or _frame(old) != _frame(new))):
        return NoCertificate("the texts differ outside their statements, or cannot be read there")
    return _align(old, new, owner)


def _align(old: Document, new: Document | None, owner: str) -> Certificate | NoCertificate:
    """Walk through both texts; each old statement is kept, narrowed, or gone."""
    left = [] if new is None else list(new.statements)
    fates: dict[int, Fate] = {}
    for statement in old.statements:
        if left and new is not None and _text(old, statement) == _text(new, left[0]):
            left.pop(0)
            continue
        if statement.effect is not Effect.DENY or statement.problems:
            return NoCertificate(
                f"statement {statement.index + 1} was changed and is no plain Deny"
            )
        narrowed = bool(left) and _is_narrowed(statement, left[0], owner)
        fates[statement.index] = Fate.NARROW if narrowed else Fate.REMOVE
        if narrowed:
            left.pop(0)
    if left:
        return NoCertificate("the new text has a statement that the old one has not")
    return Certificate(fates, owner, len(old.statements) - len(fates))


def _is_narrowed(old: Statement, new: Statement, owner: str) -> bool:
    """The same statement with the exemption of the owner's account as one test more."""
    tests = Counter(condition_meaning(test) for test in new.conditions)
    tests.subtract(condition_meaning(test) for test in old.conditions)
    more = [test for test, count in tests.items() if count > 0]
    fewer = [test for test, count in tests.items() if count < 0]
    return (
        not new.problems
        and _said(old) == _said(new)
        and not fewer
        and more == [exemption(owner)]
        and tests[exemption(owner)] == 1
    )


def exemption(owner: str) -> tuple[object, ...]:
    """The meaning of the test that lets the owner's account off."""
    return (Quantifier.NONE, EXEMPTION_OPERATOR, False, EXEMPTION_KEY.lower(), (owner,))


def takes_the_place_of_exemption(test: ConditionTest) -> bool:
    """Whether a test stands where the exemption would have to stand."""
    return test.spelled == EXEMPTION_OPERATOR and test.key.lower() == EXEMPTION_KEY.lower()


def _said(statement: Statement) -> tuple[object, ...]:
    """A statement but for its conditions, spelling included; positions are left out."""
    return (
        statement.sid,
        statement.effect,
        _patterns(statement.actions),
        _patterns(statement.resources),
        _principals(statement.principals),
    )


def _patterns(patterns: PatternList | None) -> tuple[object, ...]:
    return () if patterns is None else (patterns.negated, patterns.patterns)


def _principals(principals: PrincipalList | None) -> tuple[object, ...]:
    if principals is None:
        return ()
    return (principals.negated, tuple((e.kind, e.value) for e in principals.entries))


def _frame(document: Document) -> tuple[str, str]:
    return (document.version, document.id)


def _text(document: Document, statement: Statement) -> str:
    return document.source[statement.position.offset : statement.end]


def _whose(fates: Mapping[int, Fate], owner: str) -> str:
    if all(fate is Fate.NARROW for fate in fates.values()):
        return f" a caller of account {owner}"
    return ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
