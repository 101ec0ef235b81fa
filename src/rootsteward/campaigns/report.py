"""What a campaign amounts to: figures for people and auditors. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from rootsteward.campaigns.campaign import Campaign
from rootsteward.campaigns.store import Item
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import CredentialKind, NotSeen, RootCredentials
from rootsteward.operations.observe import by_kind
from rootsteward.ports.journal import JsonValue

KIND_NAMES = {
    CredentialKind.PASSWORD: "passwords",
    CredentialKind.ACCESS_KEYS: "access keys",
    CredentialKind.CERTIFICATES: "certificates",
    CredentialKind.MFA: "MFA devices",
}
# The upper bounds of the histogram's bars, in seconds; the last bar has none.
_BOUNDS_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One item. `before` and `after` are in words, such as `password, 2 access keys`."""

    key: str
    name: str
    place: str
    intention: str
    outcome: str
    detail: str
    denied_by: tuple[str, ...]
    evidence: tuple[str, ...]
    before: str
    after: str
    sessions: tuple[str, ...]
    seconds: float
    ended_at: str

    def as_json(self) -> dict[str, JsonValue]:
        """Every member."""
        return {
            "key": self.key,
            "name": self.name,
            "place": self.place,
            "intention": self.intention,
            "outcome": self.outcome,
            "detail": self.detail,
            "denied_by": [*self.denied_by],
            "evidence": [*self.evidence],
            "before": self.before,
            "after": self.after,
            "sessions": [*self.sessions],
            "seconds": self.seconds,
            "ended_at": self.ended_at,
        }


@dataclass(frozen=True, slots=True)
class KindChange:
    """Credentials of one kind over all items: how many before, how many after.

    `unseen` is the number of items in which nobody could look afterwards; nothing is claimed
    about those.
    """

    kind: str
    before: int
    after: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says. `places` are in order of name, most important outcome first."""

    campaign: Campaign
    title: str
    rows: tuple[ReportRow, ...]
    outcomes: Mapping[str, int]
    places: tuple[tuple[str, Mapping[str, int]], ...]
    kinds: tuple[KindChange, ...]
    durations: tuple[tuple[str, int], ...]
    median_seconds: float
    longest_seconds: float
    worked_seconds: float

    def as_json(self) -> dict[str, JsonValue]:
        """The whole report."""
        campaign = self.campaign
        return {
            "campaign": campaign.id,
            "operation": campaign.slug,
            "organization": campaign.organization_id,
            "state": campaign.state.value,
            "reason": campaign.reason,
            "asked": campaign.asked,
            "started_by": campaign.started_by,
            "begun_at": campaign.created_at.isoformat(),
            "changed_at": campaign.changed_at.isoformat(),
            "outcomes": dict(self.outcomes),
            "places": [{"place": place, "outcomes": dict(counts)} for place, counts in self.places],
            "credentials": [
                {"kind": k.kind, "before": k.before, "after": k.after, "unseen": k.unseen}
                for k in self.kinds
            ],
            "median_seconds": self.median_seconds,
            "longest_seconds": self.longest_seconds,
            "worked_seconds": self.worked_seconds,
            "items": [row.as_json() for row in self.rows],
        }


def make_report(campaign: Campaign, items: Sequence[Item]) -> Report:
    """The figures of a campaign as it is now; items that have not ended are `not done`."""
    rows = tuple(_row(item) for item in items)
    places: dict[str, Counter[str]] = {}
    for row in rows:
        places.setdefault(row.place or "-", Counter())[row.outcome] += 1
    took = [item.result.seconds for item in items if item.result and item.result.seconds > 0]
    return Report(
        campaign=campaign,
        title=verb_of(campaign.slug).title,
        rows=rows,
        outcomes=_ordered(Counter(row.outcome for row in rows)),
        places=tuple((place, _ordered(counts)) for place, counts in sorted(places.items())),
        kinds=tuple(_kind_changes(items)),
        durations=_histogram(took),
        median_seconds=round(median(took), 2) if took else 0.0,
        longest_seconds=round(max(took, default=0.0), 2),
        worked_seconds=_span(
            moment for item in items if item.begun_at for moment in (item.begun_at, item.ended_at)
        ),
    )


NOT_DONE = "not done"
# Good news first: the bars of a chart grow from it.
ORDER = (
    Outcome.DELETED.value,
    Outcome.DONE.value,
    Outcome.UNLOCKED.value,
    Outcome.CLEAN.value,
    Outcome.RECOVERY_OPEN.value,
    Outcome.SKIPPED.value,
    NOT_DONE,
    Outcome.PRESENT.value,
    Outcome.CHANGED_MEANWHILE.value,
    Outcome.DENIED.value,
    Outcome.UNKNOWN.value,
)


def _row(item: Item) -> ReportRow:
    planned, result = item.planned, item.result
    return ReportRow(
        key=planned.key,
        name=planned.name,
        place=planned.place,
        intention=planned.intention,
        outcome=NOT_DONE if result is None else result.outcome.value,
        detail="" if result is None else result.detail,
        denied_by=() if result is None else result.denied_by,
        evidence=planned.details,
        before=_in_words(None if result is None else result.before),
        after=_in_words(None if result is None else result.after),
        sessions=() if result is None else result.sessions,
        seconds=0.0 if result is None else result.seconds,
        ended_at="" if item.ended_at is None else item.ended_at.isoformat(timespec="seconds"),
    )


def _in_words(credentials: RootCredentials | None) -> str:
    if credentials is None:
        return ""
    parts = []
    for kind, seen in by_kind(credentials):
        name = KIND_NAMES[kind]
        if isinstance(seen, NotSeen):
            parts.append(f"{name}: {seen.reason.value}")
        elif seen.value.count:
            parts.append(f"{seen.value.count} {name if seen.value.count > 1 else name[:-1]}")
    return ", ".join(parts) or "nothing"


def _kind_changes(items: Sequence[Item]) -> Iterable[KindChange]:
    looked = [item.result for item in items if item.result and item.result.before is not None]
    for kind, name in KIND_NAMES.items():
        before = sum(_count(result.before, kind) or 0 for result in looked)
        after = [_count(result.after, kind) for result in looked]
        if before or any(after):
            unseen = sum(number is None for number in after)
            yield KindChange(name, before, sum(number or 0 for number in after), unseen)


def _count(credentials: RootCredentials | None, kind: CredentialKind) -> int | None:
    if credentials is None:
        return None
    seen = dict(by_kind(credentials))[kind]
    return None if isinstance(seen, NotSeen) else seen.value.count


def _histogram(seconds: Sequence[float]) -> tuple[tuple[str, int], ...]:
    if not seconds:
        return ()
    bars: list[tuple[str, int]] = []
    lower = 0.0
    for upper in (*_BOUNDS_SECONDS, float("inf")):
        label = f"up to {upper:g} s" if upper != float("inf") else f"over {lower:g} s"
        bars.append((label, sum(lower < one <= upper for one in seconds)))
        lower = upper
    while bars and not bars[-1][1]:
        bars.pop()
    return tuple(bars)


def _span(moments: Iterable[datetime | None]) -> float:
    known = [moment for moment in moments if moment is not None]
    return round((max(known) - min(known)).total_seconds(), 1) if known else 0.0


def _ordered(counts: Counter[str]) -> Mapping[str, int]:
    return {outcome: counts[outcome] for outcome in ORDER if counts[outcome]}
