"""Carrying out a plan on the organization's twin, to foretell what the real thing would bring.

The twin is a sandbox with the organization's tree, policies and switches as they are now, and with
the root credentials, or the bucket or queue, that the plan has seen. Nothing in AWS is changed by
it.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from rootsteward.campaigns.campaign import Campaign, State
from rootsteward.campaigns.campaign import Settings as CampaignSettings
from rootsteward.campaigns.durations import in_words
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.verbs import unlock
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.campaigns.waves import split, wave_sizes
from rootsteward.cli.campaign_view import ended_items, exit_code_of, show_results
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.following import carry_out
from rootsteward.cli.options import Session
from rootsteward.cli.render import Format, Row, Screen, Value
from rootsteward.cli.words import counted
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import NotSeen, RootCredentials
from rootsteward.operations import snapshot as snapshot_operation
from rootsteward.operations.record import credentials_from_json
from rootsteward.operations.unlock import LockedResource, ResourceKind
from rootsteward.operations.unlock_plan_file import plan_from_json
from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE
from rootsteward.sandbox.scenarios.twin import Furnishing, PolicyHolder
from rootsteward.sandbox.served import ServedSandbox
from rootsteward.sandbox.world.trail import Recorded
from rootsteward.twin import served_twin
from rootsteward.wiring import Settings, open_runtime

# SOURCE: round trips recorded against the real service in September 2026: 0.70 to 0.84 s a call.
_SECONDS_PER_CALL = 0.75
_ASSUME_ROOT = "sts:AssumeRoot"
# Long enough for every finding to have appeared.
_FINDINGS_AFTER_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What carrying out a plan would bring.

    `findings` counts findings by type, over all accounts and `regions`, where the twin has
    GuardDuty. `calls` counts all that was asked of AWS, also to read the organization.
    `campaign` is the twin's, as it ended: a stop rule or Ctrl-C may have paused it. `duration`
    rests on what a call was seen to take, not on the twin's own speed.
    """

    campaign: Campaign
    results: tuple[tuple[PlannedItem, ItemResult], ...]
    calls: Counter[str]
    findings: Counter[str]
    regions: tuple[str, ...]
    duration: timedelta


def rehearse(session: Session, plan: Plan, settings: CampaignSettings) -> ExitCode:
    """Carry out a plan on the twin, and show what came of it and what it would cost.

    Raises:
        InputError: the organization, or the policy of a bucket or queue, could not be seen well
            enough to make a twin.
    """
    forecast = _on_the_twin(session, plan, settings)
    _show(session.screen, plan, forecast)
    return exit_code_of(forecast.campaign, [result.outcome for _, result in forecast.results])


def _on_the_twin(session: Session, plan: Plan, settings: CampaignSettings) -> Forecast:
    runtime = session.runtime
    taken = snapshot_operation.gather(runtime.gateway, runtime.clock.now(), session.notifier())
    furnishing = _furnishing(plan, runtime.gateway.region)
    with (
        served_twin(taken, furnishing) as twin,
        tempfile.TemporaryDirectory(prefix="rootsteward-rehearsal-") as folder,
        open_runtime(_settings(twin, Path(folder))) as rehearsal,
    ):
        before = _last_event(twin)
        there = replace(session, runtime=rehearsal)
        campaign = rehearsal.control.begin(
            plan, settings, rehearsal.gateway.caller(), rehearsal.statement_names
        )
        ended = carry_out(there, campaign)
        results = ended_items(rehearsal.campaigns.items(campaign.id))
        calls = Counter(
            f"{event.call.service}:{event.call.operation}" for event in _events(twin, before)
        )
        # WHY: the twin's trail keeps the newest events of each account and Region only, and all
        # root sessions are opened from one account.
        opened = sum(len(result.sessions) for _, result in results)
        calls[_ASSUME_ROOT] = max(calls[_ASSUME_ROOT], opened)
        return Forecast(
            ended,
            tuple(results),
            calls,
            _findings(twin),
            twin.world.regions,
            _duration(plan, settings),
        )


def _settings(twin: ServedSandbox, folder: Path) -> Settings:
    return Settings(
        profile=MANAGEMENT_PROFILE,
        region=twin.region,
        endpoint_url=twin.url,
        database=str(folder / "rehearsal.db"),
        credentials_file=twin.credentials_file,
    )


def _furnishing(plan: Plan, home: str) -> Furnishing:
    """What the plan has seen of what it is about."""
    unlocks = verb_of(plan.slug) in unlock.VERBS
    resources = [plan_from_json(item.body).resource for item in plan.acting if unlocks]
    return Furnishing(
        root_credentials=_seen(plan),
        invents=False,
        buckets=_holders(resources, ResourceKind.BUCKET, home),
        queues=_holders(resources, ResourceKind.QUEUE, home),
    )


def _holders(
    resources: Sequence[LockedResource], kind: ResourceKind, home: str
) -> tuple[PolicyHolder, ...]:
    return tuple(_holder(one, home) for one in resources if one.kind is kind)


def _holder(resource: LockedResource, home: str) -> PolicyHolder:
    if isinstance(resource.policy, NotSeen):
        raise InputError(
            f"the plan cannot be rehearsed: nobody saw the policy of `{resource.name}`",
            help="make the plan as somebody who may read it",
        )
    return PolicyHolder(
        resource.account, resource.where or home, resource.name, resource.policy.value
    )


def _seen(plan: Plan) -> dict[AccountId, RootCredentials]:
    """The root credentials that the plan has seen, by account."""
    return {
        AccountId(item.key): credentials_from_json(item.body["seen"])
        for item in plan.items
        if "seen" in item.body
    }


def _events(twin: ServedSandbox, after: int) -> Sequence[Recorded]:
    """What was called on the twin since an event, in the accounts' Regions."""
    world = twin.world
    return [
        event
        for account in world.organization.accounts
        for region in world.regions
        for event in world.trail.newest_first(account, region)
        if event.sequence > after
    ]


def _last_event(twin: ServedSandbox) -> int:
    return max((event.sequence for event in _events(twin, 0)), default=0)


def _findings(twin: ServedSandbox) -> Counter[str]:
    twin.clock.advance(_FINDINGS_AFTER_SECONDS)
    return Counter(
        finding.kind.value for finding in twin.world.findings.everything(twin.world.now())
    )


def _duration(plan: Plan, settings: CampaignSettings) -> timedelta:
    """Each wave lasts as long as its calls take with so many accounts under way at once."""
    calls = [len(item.calls) for item in plan.acting]
    seconds = 0.0
    for wave in split(calls, wave_sizes(settings.waves, len(calls))):
        seconds += max(*wave, sum(wave) / settings.in_flight) * _SECONDS_PER_CALL
    return timedelta(seconds=seconds)


def _show(screen: Screen, plan: Plan, forecast: Forecast) -> None:
    row: dict[str, Value] = {
        "calls": sum(forecast.calls.values()),
        "by_call": [f"{number} {call}" for call, number in forecast.calls.most_common() if number],
        "duration": f"about {in_words(max(forecast.duration, timedelta(minutes=1)))}",
        "findings": [f"{number} {kind}" for kind, number in sorted(forecast.findings.items())],
        "regions": [*forecast.regions],
    }
    if forecast.campaign.state is not State.FINISHED:
        row["ended_early"] = forecast.campaign.reason
        left = counted(len(plan.items) - len(forecast.results), *verb_of(plan.slug).subject)
        screen.say(f"the rehearsal ended early: {forecast.campaign.reason}; {left} not done")
    if screen.format is Format.JSON:
        results: list[Row] = [{"key": item.key, **r.as_json()} for item, r in forecast.results]
        screen.json({"results": results, "forecast": row})
        return
    show_results(screen, "Rehearsal", plan.slug, forecast.results)
    if screen.for_people:
        screen.record("Forecast", row, _HEADINGS)
    screen.say("rehearsed on a twin of the organization; nothing in AWS was changed")


_HEADINGS = {
    "calls": "API calls",
    "by_call": "of these",
    "duration": "duration",
    "findings": "GuardDuty findings",
    "regions": "in Regions",
}
