"""`rootsteward findings list`."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.render import Column, Footnotes, Row, Screen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.cli.words import counted
from rootsteward.domain.findings import Finding, TrailEvent
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.guardduty import findings_list as operation
from rootsteward.guardduty.findings_list import FindingsList, Origin, TiedFinding

findings_app = typer.Typer(no_args_is_help=True, help="GuardDuty findings that root use raised.")

_DATA_COLUMNS = (
    Column("origin", "origin"),
    Column("type", "type"),
    Column("severity", "severity"),
    Column("account", "account"),
    Column("region", "region"),
    Column("api", "api"),
    Column("count", "count"),
    Column("access_key_id", "access key"),
    Column("last_seen_at", "last seen"),
    Column("cause", "caused by"),
)
_LOUD_COLUMNS = (
    Column("last_seen_at", "last seen"),
    Column("type", "type"),
    Column("account", "account", fold=False),
    Column("api", "api"),
    Column("access_key_id", "access key"),
)
_CAUSE_COLUMNS = (
    Column("at", "AssumeRoot at", fold=False),
    Column("task", "task"),
    Column("account", "account", fold=False),
    Column("short_term", "root use"),
    Column("discovery", "discovery"),
    Column("impact", "impact"),
    Column("other", "other"),
    Column("by", "by"),
)
# What GuardDuty calls the findings that a root session raises, and the column each is counted in.
_KINDS = {
    "Policy:IAMUser/ShortTermRootCredentialUsage": "short_term",
    "Discovery:IAMUser/AnomalousBehavior": "discovery",
    "Impact:IAMUser/AnomalousBehavior": "impact",
}


@findings_app.command("list")
@connected
def findings_list(
    session: Session,
    region_to_read: Annotated[
        list[str] | None,
        typer.Option(
            "--in-region", help="Region to read; may be repeated. Default: ours and IAM's."
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="How far back.")] = 7,
) -> ExitCode:
    """List findings about root credentials, each tied to the AssumeRoot that caused it."""
    runtime = session.runtime
    regions = region_to_read or list(dict.fromkeys([runtime.gateway.region, "us-east-1"]))
    since = runtime.clock.now() - timedelta(days=days)
    found = operation.plan(operation.gather(runtime.gateway, regions, since))
    if session.screen.for_people:
        _show(session.screen, found)
    else:
        rows = [_row(tied) for tied in found.findings]
        session.screen.rows("Findings about root credentials", _DATA_COLUMNS, rows)
    for unseen in found.unseen:
        session.screen.say(f"not read: {unseen.what} in {unseen.region}: {unseen.reason.detail}")
    loud = len(found.not_ours)
    session.screen.say(f"{counted(len(found.findings), 'finding')}, {loud} of them not ours")
    return exit_code_for(found.verdict)


def _show(screen: Screen, found: FindingsList) -> None:
    """For people: what is not ours first, one by one; then what each AssumeRoot raised."""
    loud = [_row(tied) for tied in found.findings if tied.origin is not Origin.ROOT_SESSION]
    if loud:
        screen.rows("Tied to no AssumeRoot of ours: look at these now", _LOUD_COLUMNS, loud)
    notes = Footnotes()
    rows = [_cause_row(cause, group, notes) for cause, group in _by_cause(found)]
    screen.rows("Raised by our own root sessions", _CAUSE_COLUMNS, rows, empty="none")
    notes.show(screen)


def _by_cause(found: FindingsList) -> list[tuple[TrailEvent, list[Finding]]]:
    """Findings by the AssumeRoot behind them, oldest first."""
    groups: dict[str, tuple[TrailEvent, list[Finding]]] = {}
    for tied in found.findings:
        if tied.cause is not None:
            groups.setdefault(tied.cause.id, (tied.cause, []))[1].append(tied.finding)
    return sorted(groups.values(), key=lambda group: (group[0].at, group[0].target_account))


def _cause_row(cause: TrailEvent, findings: list[Finding], notes: Footnotes) -> Row:
    counted = Counter(_KINDS.get(finding.type, "other") for finding in findings)
    return {
        "at": f"{cause.at:%m-%d %H:%M:%S}",
        "task": TaskPolicy.from_arn(cause.task_policy_arn).slug,
        "account": cause.target_account,
        **{kind: counted.get(kind) for kind in (*_KINDS.values(), "other")},
        "by": notes.mark("", [cause.principal_arn]).strip(),
    }


def _row(tied: TiedFinding) -> Row:
    finding, cause = tied.finding, tied.cause
    row: dict[str, str | int | float | bool | None] = {
        "origin": tied.origin.value,
        "type": finding.type,
        "severity": finding.severity,
        "account": finding.account,
        "region": finding.region,
        "api": finding.api,
        "count": finding.count,
        "cause": None,
        "access_key_id": finding.access_key_id,
        "last_seen_at": finding.last_seen_at.isoformat(),
        "archived": finding.archived,
        "id": finding.id,
    }
    if cause is not None:
        task = TaskPolicy.from_arn(cause.task_policy_arn).slug
        row["cause"] = f"AssumeRoot {task} by {cause.principal_arn} at {cause.at:%H:%M:%S}"
        row["cause_event_id"] = cause.id
    return row
