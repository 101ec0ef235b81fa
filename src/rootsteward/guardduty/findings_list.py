"""`findings list`: GuardDuty findings about root credentials, each tied to what caused it.

Reads only. A finding is tied to an `AssumeRoot` when the access key it names is the one that the
`AssumeRoot` handed out, for the same account. One that is tied to nothing is `not ours`: it may be
somebody else with root credentials, and is put first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rootsteward.domain.errors import AccessDeniedError, RootstewardError
from rootsteward.domain.findings import Finding, TrailEvent
from rootsteward.domain.outcome import Verdict
from rootsteward.domain.root_credentials import NotSeen, NotSeenReason
from rootsteward.ports.aws_gateway import FindingReader, TrailReader

SLUG = "findings-list"


class FindingsGateway(FindingReader, TrailReader, Protocol):
    """What the list is read from."""


class Origin(StrEnum):
    """Where a finding comes from."""

    ROOT_SESSION = "root session"
    NOT_OURS = "not ours"
    # The event history could not be read everywhere, so that nothing can be ruled out.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that could not be read: `what` in which Region, and why."""

    what: str
    region: str
    reason: NotSeen


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """Findings and `AssumeRoot` events of all Regions asked about, as far as they were seen."""

    findings: tuple[Finding, ...]
    events: tuple[TrailEvent, ...]
    unseen: tuple[Unseen, ...]


@dataclass(frozen=True, slots=True)
class TiedFinding:
    """A finding and the event that caused it, None when none is known."""

    finding: Finding
    origin: Origin
    cause: TrailEvent | None


@dataclass(frozen=True, slots=True)
class FindingsList:
    """All findings, those that are not ours first, newest first within."""

    findings: tuple[TiedFinding, ...]
    unseen: tuple[Unseen, ...]

    @property
    def not_ours(self) -> tuple[TiedFinding, ...]:
        """The ones to look at now."""
        return tuple(f for f in self.findings if f.origin is Origin.NOT_OURS)

    @property
    def verdict(self) -> Verdict:
        """Findings when any is not ours; unseen when something could not be read."""
        if self.unseen:
            return Verdict.UNSEEN
        return Verdict.FINDINGS if self.not_ours else Verdict.DONE


def gather(
    gateway: FindingsGateway, regions: Sequence[str], since: datetime, types: Sequence[str] = ()
) -> FindingFacts:
    """Read findings about root credentials, and `AssumeRoot` events. Never raises for a refusal.

    Args:
        gateway: where to read.
        regions: Regions to read, both for findings and for events.
        since: how far back events are read; findings that were last seen before are dropped.
        types: finding types; all when empty.
    """
    findings: list[Finding] = []
    events: list[TrailEvent] = []
    unseen: list[Unseen] = []
    for region in regions:
        try:
            findings.extend(_about_root(gateway.findings(region, types=types), since))
        except RootstewardError as error:
            unseen.append(Unseen("findings", region, _reason(error)))
        try:
            events.extend(gateway.assume_root_events(region, since))
        except RootstewardError as error:
            unseen.append(Unseen("AssumeRoot events", region, _reason(error)))
    return FindingFacts(tuple(findings), tuple(events), tuple(unseen))


def plan(facts: FindingFacts) -> FindingsList:
    """Tie findings to events. Pure."""
    by_key = {e.issued_access_key_id: e for e in facts.events if e.issued_access_key_id}
    events_missing = any(unseen.what == "AssumeRoot events" for unseen in facts.unseen)
    tied = [_tied(finding, by_key, events_missing=events_missing) for finding in facts.findings]
    tied.sort(key=lambda t: (t.finding.last_seen_at, t.finding.id), reverse=True)
    tied.sort(key=lambda t: t.origin is not Origin.NOT_OURS)
    return FindingsList(tuple(tied), facts.unseen)


def _about_root(findings: Iterable[Finding], since: datetime) -> Iterator[Finding]:
    for finding in findings:
        about_root = finding.user_type == "Root" or "RootCredential" in finding.type
        if about_root and finding.last_seen_at >= since:
            yield finding


def _tied(finding: Finding, by_key: dict[str, TrailEvent], *, events_missing: bool) -> TiedFinding:
    event = by_key.get(finding.access_key_id)
    if event is not None and event.target_account == finding.account:
        return TiedFinding(finding, Origin.ROOT_SESSION, event)
    return TiedFinding(finding, Origin.UNKNOWN if events_missing else Origin.NOT_OURS, None)


def _reason(error: RootstewardError) -> NotSeen:
    if isinstance(error, AccessDeniedError):
        return NotSeen(NotSeenReason.DENIED, error.refusal.message)
    return NotSeen(NotSeenReason.UNKNOWN, error.message)
