"""How an unlock plan, its result, and what was found locked look on the terminal."""

from collections import Counter
from collections.abc import Sequence

from rootsteward.cli.render import Column, Footnotes, Row, Screen, Value
from rootsteward.cli.words import counted
from rootsteward.domain.root_credentials import NotSeen
from rootsteward.operations.controls import Controls
from rootsteward.operations.protected_resources import protecting_pattern
from rootsteward.operations.statement_names import statement_names
from rootsteward.operations.unlock import ResourceKind, UnlockPlan, UnlockResult
from rootsteward.operations.unlock_find import FoundResource, Sorted, Standing, Unseen
from rootsteward.policy.lockout.mend import Safety
from rootsteward.policy.lockout.report import StatementLock

RESULT_HEADINGS = {
    "account": "account",
    "resource": "resource",
    "region": "region",
    "outcome": "outcome",
    "detail": "detail",
    "blamed": "denied by",
    "backup": "old policy kept as",
}
_COLUMNS = (
    Column("kind", "kind", fold=False),
    Column("resource", "resource"),
    Column("region", "region"),
    Column("standing", "standing"),
    Column("detail", "detail"),
)
_LOCKED_FIRST = tuple(Standing)


def show_plan(screen: Screen, planned: UnlockPlan) -> None:
    """What would be done, why, what that opens to whom, the proof, and the diff. People only.

    Machines get the same in the result.
    """
    if not screen.for_people:
        return
    screen.heading(f"Plan {planned.id}: {planned.intention.value}: {planned.reason}")
    for line in planned.explanation:
        screen.say(line, indent=2)
    for line in planned.changes:
        screen.say(line, indent=2, style="bold")
    for line in planned.opens:
        screen.say(f"opens: {line}", indent=2)
    for line in planned.proof:
        screen.say(f"proved: {line}", indent=2)
    if planned.safety is Safety.UNSAFE:
        screen.say("unsafe: others than the owner's account may gain", indent=2, style="bold red")
    if planned.intention.acts:
        screen.diff(planned.diff)


def result_row(planned: UnlockPlan, ended: UnlockResult, controls: Controls) -> Row:
    """One resource after its step or rehearsal."""
    return {
        "account": str(ended.result.account),
        "kind": ended.resource.kind.value,
        "resource": ended.resource.name,
        "arn": ended.resource.arn,
        "region": ended.resource.where or None,
        "outcome": ended.result.outcome.value,
        "detail": ended.result.detail or None,
        "blamed": list(statement_names(ended.result.blamed, controls)) or None,
        "backup": ended.backup or None,
        "sessions": list(ended.result.session_keys),
        **plan_row(planned),
    }


def plan_row(planned: UnlockPlan) -> Row:
    """The plan for machines."""
    return {
        "plan": planned.id,
        "intention": planned.intention.value,
        "reason": planned.reason,
        "explanation": list(planned.explanation),
        "changes": list(planned.changes),
        "opens": list(planned.opens),
        "proof": list(planned.proof),
        "safety": None if planned.safety is None else planned.safety.value,
        "old_policy": planned.old_policy,
        "new_policy": planned.new_policy,
    }


def show_found(
    screen: Screen,
    found: Sequence[FoundResource],
    places: Sorted,
    controls: Controls,
    protected: Sequence[str],
) -> None:
    """Everything that was found, what was not seen first among the remarks."""
    ordered = sorted(found, key=lambda one: _LOCKED_FIRST.index(one.standing))
    rows = [
        *(_found_row(one, controls, protected) for one in ordered),
        *(_unseen_row(one, controls) for one in places.unseen),
    ]
    _show_rows(screen, rows)
    if places.not_enabled:
        count = counted(len(places.not_enabled), "Region")
        screen.say(
            f"{count} not enabled for the account and left out: {', '.join(places.not_enabled)}",
            style="dim",
        )
    stands = Counter(one.standing for one in found)
    parts = [f"{stands[standing]} {standing.value}" for standing in Standing if stands[standing]]
    if places.unseen:
        parts.append(f"{counted(len(places.unseen), 'place')} could not be listed")
    screen.say(", ".join(parts) or "nothing was found")


def _show_rows(screen: Screen, rows: Sequence[Row]) -> None:
    """Machines get the details in their column, people below the table."""
    if not screen.for_people:
        screen.rows("Buckets and queues", _COLUMNS, rows)
        return
    notes = Footnotes()
    shown = [
        {**row, "standing": notes.mark(str(row["standing"]), _texts(row["detail"]))} for row in rows
    ]
    screen.rows("Buckets and queues", _COLUMNS[:-1], shown, empty="the account has none")
    notes.show(screen)


def _texts(value: Value) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def show_next(screen: Screen, found: Sequence[FoundResource], protected: Sequence[str]) -> None:
    """The command that unlocks the first one that is not protected; people only."""
    locked = [
        one.resource
        for one in found
        if one.standing is Standing.LOCKED
        and protecting_pattern(one.resource.arn, protected) is None
    ]
    if not locked or not screen.for_people:
        return
    first = locked[0]
    where = f" --in-region {first.where}" if first.kind is ResourceKind.QUEUE else ""
    screen.say("unlock it:" if len(locked) == 1 else "unlock the first:")
    screen.command(
        f"rootsteward unlock {first.kind.value} {first.name} --account {first.account}{where}"
    )


def _found_row(one: FoundResource, controls: Controls, protected: Sequence[str]) -> Row:
    resource = one.resource
    pattern = protecting_pattern(resource.arn, protected)
    return {
        "account": str(resource.account),
        "kind": resource.kind.value,
        "resource": resource.name,
        "region": resource.where,
        "standing": one.standing.value,
        "detail": [*_details(one, controls), *([f"protected by `{pattern}`"] if pattern else [])],
        "arn": resource.arn,
        "protected_by": pattern,
        "statements": [_lock_row(lock) for lock in one.report.statements] if one.report else None,
    }


def _details(one: FoundResource, controls: Controls) -> list[str]:
    if one.report is None:
        policy = one.resource.policy
        return _reasons(policy, controls) if isinstance(policy, NotSeen) else []
    problem = [one.report.problem] if one.report.problem else []
    return [*one.report.lines(), *problem]


def _unseen_row(unseen: Unseen, controls: Controls) -> Row:
    place = unseen.place
    return {
        "account": None,
        "kind": place.kind.value,
        "resource": None,
        "region": place.region or None,
        "standing": Standing.COULD_NOT_LOOK.value,
        "detail": _reasons(unseen.reason, controls),
        "arn": None,
        "protected_by": None,
        "statements": None,
    }


def _reasons(unseen: NotSeen, controls: Controls) -> list[str]:
    return [
        *(f"denied: {name}" for name in statement_names(unseen.blamed, controls)),
        unseen.detail,
    ]


def _lock_row(lock: StatementLock) -> Value:
    return {
        "statement": (lock.by.statement_index or 0) + 1,
        "sid": lock.by.sid or None,
        "line": lock.by.line,
        "column": lock.by.column,
        "force": lock.force.value,
        "whom": lock.whom.words,
        "actions": list(lock.actions),
        "why": lock.why or None,
    }
