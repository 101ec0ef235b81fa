"""How a step on one account ended, and what a whole run of steps amounts to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import RootCredentials


class Outcome(StrEnum):
    """The truth about an account after a step. `UNKNOWN` is never written as anything better."""

    CLEAN = "clean"
    DELETED = "deleted"
    PRESENT = "present"
    RECOVERY_OPEN = "recovery open"
    UNLOCKED = "unlocked"
    DONE = "done"
    DENIED = "denied"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CHANGED_MEANWHILE = "changed meanwhile"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An account that was asked for, or that lies in what was asked for, and is not a target.

    `unseen` marks one of which nobody can say whether it was asked for.
    """

    account: AccountId
    reason: str
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class AccountResult:
    """What became of one account, and what that rests on.

    `before` and `after` are what was seen, None when nothing was looked at. `detail` says why in
    one line; AWS's own text where AWS refused. `session_keys` are the access key ids of the root
    sessions used, which tie findings and CloudTrail events to this result.
    """

    account: AccountId
    outcome: Outcome
    detail: str = ""
    before: RootCredentials | None = None
    after: RootCredentials | None = None
    blamed: tuple[DecidedBy, ...] = ()
    session_keys: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What a run amounts to; the command line turns it into an exit code."""

    DONE = "done"
    FINDINGS = "findings"
    UNSEEN = "unseen"
    REFUSED = "refused"
    UNFINISHED = "unfinished"


_READING = {
    Outcome.PRESENT: Verdict.FINDINGS,
    Outcome.RECOVERY_OPEN: Verdict.FINDINGS,
    Outcome.DENIED: Verdict.UNSEEN,
    Outcome.UNKNOWN: Verdict.UNSEEN,
}
_ACTING = {
    Outcome.PRESENT: Verdict.REFUSED,
    Outcome.DENIED: Verdict.REFUSED,
    Outcome.CHANGED_MEANWHILE: Verdict.REFUSED,
    Outcome.UNKNOWN: Verdict.UNSEEN,
}
# INVARIANT: the worse news wins, so that a refusal is never hidden behind a finding.
_WORST_FIRST = (Verdict.REFUSED, Verdict.UNSEEN, Verdict.FINDINGS)


def verdict_of_reading(outcomes: Iterable[Outcome]) -> Verdict:
    """The verdict on a run that only looked: credentials found are findings."""
    return _worst({_READING.get(outcome, Verdict.DONE) for outcome in outcomes})


def verdict_of_acting(outcomes: Iterable[Outcome]) -> Verdict:
    """The verdict on a run that acted: what is still there was refused."""
    return _worst({_ACTING.get(outcome, Verdict.DONE) for outcome in outcomes})


def worst_of(*verdicts: Verdict) -> Verdict:
    """The worst news of several parts of one run; unfinished before all."""
    return Verdict.UNFINISHED if Verdict.UNFINISHED in verdicts else _worst(set(verdicts))


def _worst(verdicts: set[Verdict]) -> Verdict:
    return next((v for v in _WORST_FIRST if v in verdicts), Verdict.DONE)
