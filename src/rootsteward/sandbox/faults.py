"""Faults on demand: which rules strike a call, and what then happens to it.

Nothing here acts. `Faults.strike` says what shall go wrong with a call, and the pipeline lets it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import translate
from random import Random

from rootsteward.sandbox.behaviour import FaultKind, FaultRule, FaultRules
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.service_failures import broken, throttled

_PAGE_KINDS: frozenset[FaultKind] = frozenset({"slow_pages", "empty_pages"})
_DEFAULT_STATUS = 500
_GLOBS = ("service", "operation", "account", "access_key", "region", "target")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a call before its signature is checked. Empty where nothing is.

    `target` is the account that a session is asked for, `is_session` says that temporary
    credentials signed it, `is_read` that the operation changes nothing, `has_pages` that it answers
    page by page.
    """

    service: str = ""
    operation: str = ""
    account: str = ""
    access_key: str = ""
    region: str = ""
    target: str = ""
    is_session: bool = False
    is_read: bool = False
    has_pages: bool = False


class Reset(Enum):
    """When a connection is cut: nothing was done, or everything but the answer."""

    BEFORE_WORK = "before the work"
    AFTER_WORK = "after the work"


@dataclass(frozen=True, slots=True)
class Strike:
    """Everything that goes wrong with one call.

    `refusal` is the answer instead of the work, `lost_answer` the answer after it. `skew_seconds`
    is how far the service's clock is ahead when it looks at the signature.
    """

    kinds: tuple[FaultKind, ...] = ()
    refusal: ServiceError | None = None
    lost_answer: ServiceError | None = None
    reset: Reset | None = None
    delay_seconds: float = 0.0
    skew_seconds: float = 0.0
    stale_seconds: float = 0.0
    expires_session: bool = False
    empties_page: bool = False


NO_STRIKE = Strike()


class _Armed:
    """A rule with its compiled globs, its own random source and its count."""

    def __init__(self, rule: FaultRule, seed: str) -> None:
        self.rule = rule
        self.struck = 0
        self._random = Random(seed)  # noqa: S311 (faults that are the same for the same seed)
        self._globs = [
            (name, re.compile(translate(glob), re.IGNORECASE))
            for name in _GLOBS
            if (glob := getattr(rule, name)) != "*"
        ]

    @property
    def left(self) -> int | None:
        return None if self.rule.times is None else self.rule.times - self.struck

    def strikes(self, subject: Subject) -> bool:
        """Decide about one call, and count it when it is struck."""
        if self.left == 0 or not _applies(self.rule.kind, subject):
            return False
        if not all(glob.match(getattr(subject, name)) for name, glob in self._globs):
            return False
        # INVARIANT: one draw for every call that matches, so that the sequence follows from the
        # seed and the calls alone.
        if self.rule.probability < 1 and self._random.random() >= self.rule.probability:
            return False
        self.struck += 1
        return True

    def wait_seconds(self) -> float:
        jitter = self.rule.jitter_seconds
        return (self.rule.seconds or 0.0) + (self._random.uniform(0, jitter) if jitter else 0.0)


def _applies(kind: FaultKind, subject: Subject) -> bool:
    """Whether a kind of fault can happen to a call at all; if not, the call does not count."""
    if kind in _PAGE_KINDS:
        return subject.has_pages
    if kind == "expired_session":
        return subject.is_session
    if kind == "stale_reads":
        return subject.is_read
    return True


class Faults:
    """The fault rules in force. Not safe for threads; setting them replaces them all at once."""

    def __init__(self, rules: FaultRules) -> None:
        self.rules = rules
        self._armed = [_Armed(r, f"{rules.seed}:{i}") for i, r in enumerate(rules.rules)]

    @property
    def active(self) -> bool:
        """Whether there is any rule."""
        return bool(self._armed)

    @property
    def keep_seconds(self) -> float:
        """How much of the past stale reads can ask for."""
        stale = (a.rule.seconds for a in self._armed if a.rule.kind == "stale_reads")
        return max((seconds or 0.0 for seconds in stale), default=0.0)

    def counts(self) -> list[Mapping[str, int | None]]:
        """Per rule, in order: how many calls it struck, and how many it still may."""
        return [{"struck": armed.struck, "left": armed.left} for armed in self._armed]

    def strike(self, subject: Subject) -> Strike:
        """What goes wrong with a call. Every rule that matches takes part."""
        striking = [armed for armed in self._armed if armed.strikes(subject)]
        if not striking:
            return NO_STRIKE
        rules = [armed.rule for armed in striking]
        kinds = {rule.kind for rule in rules}
        return Strike(
            kinds=tuple(rule.kind for rule in rules),
            refusal=_refusal(rules, subject.service),
            lost_answer=_lost_answer(rules, subject.service),
            reset=_reset(rules),
            delay_seconds=sum(
                a.wait_seconds() for a in striking if a.rule.kind in {"latency", "slow_pages"}
            ),
            skew_seconds=sum(r.seconds or 0.0 for r in rules if r.kind == "clock_skew"),
            stale_seconds=max(
                (r.seconds or 0.0 for r in rules if r.kind == "stale_reads"), default=0.0
            ),
            expires_session="expired_session" in kinds,
            empties_page="empty_pages" in kinds,
        )


def _refusal(rules: list[FaultRule], service: str) -> ServiceError | None:
    for rule in rules:
        if rule.kind == "throttle":
            return throttled(service)
        if rule.kind == "server_error" and not rule.work_done:
            return broken(service, rule.status or _DEFAULT_STATUS)
    return None


def _lost_answer(rules: list[FaultRule], service: str) -> ServiceError | None:
    for rule in rules:
        if rule.kind == "server_error" and rule.work_done:
            return broken(service, rule.status or _DEFAULT_STATUS)
    return None


def _reset(rules: list[FaultRule]) -> Reset | None:
    moments = [rule.work_done for rule in rules if rule.kind == "reset"]
    if not moments:
        return None
    return Reset.AFTER_WORK if all(moments) else Reset.BEFORE_WORK
