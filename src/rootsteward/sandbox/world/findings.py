"""GuardDuty's state: detectors, administrators, suppression rules, and the findings themselves."""

from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, CallerKind, ServiceError
from rootsteward.sandbox.world.finding_criteria import selects
from rootsteward.sandbox.world.finding_kinds import FindingKind, kinds_raised
from rootsteward.sandbox.world.finding_record import FindingRecord
from rootsteward.sandbox.world.guardduty_administration import Administration
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.trail import is_management_event

# SOURCE: GuardDuty user guide, data sources: global-service events are processed in every Region
# in which GuardDuty is on (rule card GD-04).
_GLOBAL_SERVICES = frozenset({"iam", "organizations"})
_ROOT_CALLERS = frozenset({CallerKind.ROOT_USER, CallerKind.ROOT_SESSION})


@dataclass(slots=True)
class Filter:
    """A saved filter. With `archives` it is a suppression rule.

    `client_token` is that of the request that made it.
    """

    name: str
    archives: bool
    rank: int
    # WHY Any: the criterion has the shape of botocore's model.
    criterion: Mapping[str, Mapping[str, Any]]
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    version: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    client_token: str = ""


@dataclass(slots=True)
class Detector:
    """GuardDuty switched on in one account and Region.

    `client_token` is that of the request that did it; empty when nobody asked.
    """

    id: str
    account: AccountId
    region: str
    created_at: datetime
    filters: dict[str, Filter] = field(default_factory=dict)
    client_token: str = ""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A call that a finding is due for, in one Region. Two with the same `key` aggregate."""

    kind: FindingKind
    region: str
    call: Call
    error_code: str

    @property
    def key(self) -> tuple[str, ...]:
        """SOURCE: assumed (rule card GD-05)."""
        caller = self.call.caller
        return (
            caller.account,
            self.region,
            self.kind.value,
            caller.access_key_id,
            self.call.operation,
        )


@dataclass(slots=True)
class Findings:
    """Everything GuardDuty knows, for all accounts and Regions.

    `delay_seconds` passes between a call and the moment its finding shows or is brought up to
    date; the real service takes six to seven minutes, here the default is none.
    """

    delay_seconds: float = 0.0
    administration: Administration = field(default_factory=Administration)
    _detectors: dict[AccountId, dict[str, Detector]] = field(default_factory=dict)
    _by_region: dict[str, dict[str, FindingRecord]] = field(default_factory=dict)
    _by_account: dict[tuple[AccountId, str], list[FindingRecord]] = field(default_factory=dict)
    _called_apis: set[tuple[AccountId, str, str]] = field(default_factory=set)
    _due: deque[tuple[datetime, _Sighting]] = field(default_factory=deque)

    # --- detectors and administrators

    def switch_on(self, account: AccountId, region: str, at: datetime) -> Detector:
        """Create an account's detector in a Region.

        Raises:
            OperatorError: when it has one.
        """
        regions = self._detectors.setdefault(account, {})
        if region in regions:
            raise OperatorError(f"account `{account}` has a detector in {region} already")
        detector = Detector(_digest("detector", account, region), account, region, at)
        regions[region] = detector
        return detector

    def switch_off(self, account: AccountId, region: str) -> None:
        """Delete an account's detector in a Region; its findings go with it."""
        del self._detectors[account][region]
        for finding in self._by_account.pop((account, region), ()):
            del self._by_region[region][finding.id]

    def detector(self, account: AccountId, region: str) -> Detector | None:
        """An account's detector in a Region, or None when GuardDuty is off there."""
        return self._detectors.get(account, {}).get(region)

    def enrol(self, accounts: Iterable[AccountId], region: str, at: datetime) -> None:
        """Make accounts members of a Region's administrator, and switch it on for them."""
        accounts = tuple(accounts)
        for account in accounts:
            if self.detector(account, region) is None:
                self.switch_on(account, region, at)
        self.administration.associate(accounts, region, at)

    def welcome(self, organization: OrganizationState, at: datetime) -> None:
        """Enrol the active accounts that join their Region's administrator by themselves."""
        for region, account in self.administration.joining(organization.accounts):
            if organization.is_active(account):
                self.enrol((account,), region, at)

    # --- findings

    def observe(self, call: Call, *, error: ServiceError | None = None) -> None:
        """Raise the findings for a call that was answered, refused ones included.

        Does nothing unless root made the call, a root session or a root user's own key; data
        events raise nothing (rule card GD-02).
        """
        if call.caller.kind not in _ROOT_CALLERS or not is_management_event(call, error):
            return
        for region in self._regions_that_see(call):
            called = (call.caller.account, region, call.operation)
            first_use = called not in self._called_apis
            self._called_apis.add(called)
            for kind in kinds_raised(call.caller.kind, call.operation, first_use=first_use):
                self._schedule(_Sighting(kind, region, call, error.code if error else ""))

    def visible_to(self, account: AccountId, region: str, now: datetime) -> list[FindingRecord]:
        """Findings an account sees in a Region, oldest first.

        That is its own, and its members' when it administers GuardDuty there (rule card GD-07).
        """
        self._settle(now)
        if self.administration.administers(account, region):
            seen = self.administration.seen_by_administrator(region)
            found = self._by_region.get(region, {}).values()
            return [finding for finding in found if finding.account in seen]
        return list(self._by_account.get((account, region), ()))

    def visible_among(
        self, finding_ids: Iterable[str], account: AccountId, region: str, now: datetime
    ) -> list[FindingRecord]:
        """Those of `visible_to` that have one of some ids, in the order of the ids.

        WHY not out of `visible_to`: an administrator of thousands of accounts reads its findings
        fifty at a time.
        """
        self._settle(now)
        seen = {account}
        if self.administration.administers(account, region):
            seen = self.administration.seen_by_administrator(region)
        held = self._by_region.get(region, {})
        found = (held[finding_id] for finding_id in finding_ids if finding_id in held)
        return [finding for finding in found if finding.account in seen]

    def everything(self, now: datetime) -> Iterator[FindingRecord]:
        """Every finding of every account and Region that shows by now."""
        self._settle(now)
        for findings in self._by_region.values():
            yield from findings.values()

    def archive(self, findings: list[FindingRecord], *, archived: bool) -> None:
        """Archive findings, or take them out of the archive."""
        for finding in findings:
            finding.archived = archived

    def _regions_that_see(self, call: Call) -> Iterator[str]:
        held = self._detectors.get(call.caller.account, {})
        if call.service in _GLOBAL_SERVICES:
            yield from held
        elif call.region in held:
            yield call.region

    def _schedule(self, sighting: _Sighting) -> None:
        shown_at = sighting.call.at + timedelta(seconds=self.delay_seconds)
        # WHY not by the delay alone: it may have been longer when earlier calls were made.
        if self.delay_seconds or self._due:
            self._await(shown_at, sighting)
        else:
            self._apply(sighting, shown_at)

    def _await(self, shown_at: datetime, sighting: _Sighting) -> None:
        """Queue a sighting in order of the time at which it shows; mostly that is the end."""
        if not self._due or self._due[-1][0] <= shown_at:
            self._due.append((shown_at, sighting))
        else:
            insort(self._due, (shown_at, sighting), key=lambda due: due[0])

    def _settle(self, now: datetime) -> None:
        """Show what is due."""
        while self._due and self._due[0][0] <= now:
            shown_at, sighting = self._due.popleft()
            self._apply(sighting, shown_at)

    def _apply(self, sighting: _Sighting, shown_at: datetime) -> None:
        detector = self.detector(sighting.call.caller.account, sighting.region)
        if detector is None:
            return
        findings = self._by_region.setdefault(sighting.region, {})
        finding_id = _digest(*sighting.key)
        finding = findings.get(finding_id)
        if finding is None:
            finding = _new_finding(finding_id, sighting, detector, shown_at)
            finding.archived = self._is_suppressed(finding)
            findings[finding_id] = finding
            self._by_account.setdefault((finding.account, finding.region), []).append(finding)
            return
        finding.count += 1
        finding.last_seen_at = sighting.call.at
        finding.updated_at = shown_at

    def _is_suppressed(self, finding: FindingRecord) -> bool:
        """Whether any rule archives it; ranks order rules and change nothing (rule card GD-08)."""
        ruler = self.administration.ruler_of(finding.account, finding.region)
        detector = self.detector(ruler, finding.region)
        if detector is None:
            return False
        rules = detector.filters.values()
        return any(rule.archives and selects(rule.criterion, finding) for rule in rules)


def _new_finding(
    finding_id: str, sighting: _Sighting, detector: Detector, shown_at: datetime
) -> FindingRecord:
    call = sighting.call
    return FindingRecord(
        id=finding_id,
        kind=sighting.kind,
        account=call.caller.account,
        region=sighting.region,
        detector_id=detector.id,
        api=call.operation,
        service_name=f"{call.service}.amazonaws.com",
        access_key_id=call.caller.access_key_id,
        source_ip=call.source_ip,
        user_agent=call.user_agent,
        error_code=sighting.error_code,
        first_seen_at=call.at,
        last_seen_at=call.at,
        created_at=shown_at,
        updated_at=shown_at,
    )


def _digest(*parts: str) -> str:
    """Thirty-two hexadecimal characters that are the same in every run."""
    return md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()
