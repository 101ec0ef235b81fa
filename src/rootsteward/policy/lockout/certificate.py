"""The proof that an edit of a resource policy opens nothing but what it says, and closes nothing.

The checker looks only at the two texts, never at how the second was made. What it finds is an
argument in three steps, sound for every request whatever else is in force:

1. Every statement of the old policy stands unchanged in the new one, in its order, except Deny
   statements that are gone or that have an exemption more. So every Allow is there as before.
2. A Deny that is gone applies to nothing, a Deny with an exemption more to fewer requests than
   before. So no request is denied that was not: nothing is closed.
3. A request whose answer changes was therefore denied before by one of those statements, and, for a
   Deny with an exemption more, is exempt: its caller is of the owner's account (rule card EVAL-20).

An exemption is a test `StringNotEquals aws:PrincipalAccount`, new or with one value more: it fails
for every caller whose account is listed.
"""

from collections import Counter
from collections.abc import Collection, Mapping
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
    """The same statement with the owner's account exempt: by a new test, or by a wider one."""
    tests = Counter(condition_meaning(test) for test in new.conditions)
    tests.subtract(condition_meaning(test) for test in old.conditions)
    more = [test for test, count in tests.items() if count > 0]
    fewer = [test for test, count in tests.items() if count < 0]
    widened = [exempted(test) for test in old.conditions if condition_meaning(test) in fewer]
    listed = {account for accounts in widened for account in accounts}
    return (
        not new.problems
        and _said(old) == _said(new)
        and len(fewer) == len(widened) <= 1
        and all(widened)
        and owner not in listed
        and more == [_exemption({owner, *listed})]
        and tests[more[0]] == 1
    )


def _exemption(accounts: Collection[str]) -> tuple[object, ...]:
    """The meaning of the test that lets some accounts off."""
    values = tuple(sorted(accounts))
    return (Quantifier.NONE, EXEMPTION_OPERATOR, False, EXEMPTION_KEY.lower(), values)


def exempted(test: ConditionTest) -> tuple[str, ...]:
    """The accounts that a test lets off, where it is of the exemption's form; else none."""
    plain = test.quantifier is Quantifier.NONE and not test.if_exists and test.problem is None
    named = test.operator == EXEMPTION_OPERATOR and test.key.lower() == EXEMPTION_KEY.lower()
    return test.values if plain and named else ()


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
