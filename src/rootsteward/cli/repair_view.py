"""A repair plan as people read it (diff and proof) and as rows."""

from collections.abc import Sequence
from typing import Annotated

import typer

from rootsteward.cli.policy_view import show_request
from rootsteward.cli.render import Column, Row, Screen
from rootsteward.operations.controls import Controls
from rootsteward.operations.scp_repair import RepairResult
from rootsteward.policy.prove.proof import Proof, Proved, Refuted, Unknown
from rootsteward.policy.repair.repair import NoRepair, Repair, RepairPlan

SizeLimitOption = Annotated[
    int, typer.Option("--size-limit", min=1, help="Characters a policy may have.")
]

_COLUMNS = (
    Column("policy", "policy"),
    Column("style", "style", fold=False),
    Column("safety", "safety", fold=False),
    Column("proof", "proof", fold=False),
    Column("outcome", "outcome"),
    Column("backup", "backup", fold=False),
    Column("detail", "detail"),
)


def show_plan(screen: Screen, planned: RepairPlan, controls: Controls) -> None:
    """Each change with its diff, what it opens, and what was proved."""
    if not planned.outcomes:
        screen.say("no SCP and no RCP blocks these tasks in these accounts")
    outcomes: tuple[Repair | NoRepair, ...] = (*planned.repairs, *planned.unrepaired)
    for found in outcomes:
        show_outcome_of_policy(screen, found, _title(found, controls))
    if planned.repairs:
        _show_chains(screen, planned)


def show_outcome(screen: Screen, rows: Sequence[Row]) -> None:
    """The table of changes; machines get it even when it is empty."""
    if rows or not screen.for_people:
        screen.rows("SCP repairs", _COLUMNS, rows)


def repair_rows(
    planned: RepairPlan, results: Sequence[RepairResult], controls: Controls
) -> list[Row]:
    """One row per policy that blocks: changed, to be changed, or not to be repaired."""
    rows: list[Row] = [
        {
            "policy": f"{result.repair.policy_name} ({result.repair.policy_id})",
            "policy_id": result.repair.policy_id,
            "attached_to": _labels(result.repair.entities, controls),
            "tasks": [task.slug for task in result.repair.tasks],
            "style": result.repair.style.value,
            "safety": result.repair.safety.value,
            "opens": result.repair.opens,
            "proof": result.repair.proof.verdict,
            "proof_question": result.repair.proof.question,
            "assumptions": list(result.repair.proof.assumptions),
            "outcome": result.outcome.value,
            "backup": result.backup_id or None,
            "detail": result.detail or None,
            "size_before": result.repair.size_before,
            "size_after": result.repair.size_after,
            "diff": result.repair.diff,
        }
        for result in results
    ]
    rows.extend(
        {
            "policy": f"{refused.policy_name} ({refused.policy_id})"
            if refused.policy_id
            else ", ".join(_labels(refused.entities, controls)),
            "policy_id": refused.policy_id or None,
            "attached_to": _labels(refused.entities, controls),
            "tasks": [task.slug for task in refused.tasks],
            "outcome": "no repair",
            "detail": refused.reason,
            "advice": refused.advice or None,
        }
        for refused in planned.unrepaired
    )
    return rows


def proof_line(proof: Proof) -> str:
    """What was asked and what came out, in one line."""
    match proof:
        case Refuted():
            witness = proof.witness
            return f"refuted: {proof.question}; witness: {witness.action} as {witness.principal}"
        case Unknown():
            return f"unknown: {proof.question}, because {proof.reason}"
        case _:
            count = len(proof.certificate)
            return f"proved: {proof.question} (certificate: {count} representative requests)"


def show_outcome_of_policy(screen: Screen, found: Repair | NoRepair, title: str) -> None:
    """One policy that blocks: its change with what it opens, its proof and its diff, or why not."""
    screen.heading(title)
    screen.say(f"blocks: {', '.join(task.slug for task in found.tasks)}", indent=2)
    match found:
        case Repair():
            _show_repair(screen, found)
        case NoRepair():
            screen.say(f"no repair is proposed: {found.reason}", indent=2)
            if found.advice:
                screen.say(f"advice: {found.advice}", indent=2)


def _show_repair(screen: Screen, found: Repair) -> None:
    screen.say(f"change: {found.style.value}, {found.safety.value}: {found.opens}", indent=2)
    screen.say(proof_line(found.proof), indent=2)
    for assumption in found.proof.assumptions:
        screen.say(f"assuming: {assumption}", style="dim", indent=2)
    if found.beyond is not None:
        screen.say("more than root sessions gain; for example:", indent=2)
        show_request(screen, found.beyond.witness, indent=4)
    size = f"{found.size_before} -> {found.size_after} of {found.size_limit} characters"
    screen.say(f"size: {size}{', white space taken out' if found.minified else ''}", indent=2)
    screen.diff(found.diff)


def _title(found: Repair | NoRepair, controls: Controls) -> str:
    """A policy and where it is attached; a level without an Allow is no policy."""
    where = ", ".join(_labels(found.entities, controls))
    named = f"{found.policy_name} ({found.policy_id}), attached to " if found.policy_id else ""
    return f"{named}{where}"


def _show_chains(screen: Screen, planned: RepairPlan) -> None:
    """What all changes together do to the chains they are in."""
    changed = [chain for chain in planned.chains if chain.levels_before != chain.levels_after]
    accounts = sum(len(chain.accounts) for chain in changed)
    proved = sum(isinstance(chain.proof, Proved) for chain in changed)
    screen.heading(f"Afterwards, in {len(changed)} distinct chains of {accounts} accounts")
    screen.say(
        f"proved for {proved} of them: closes nothing, opens nothing but what is stated above",
        indent=2,
    )
    blocked = {task.slug: None for chain in changed for task in chain.blocked_after}
    rest = f"still blocked: {', '.join(blocked)}" if blocked else "every task asked for is allowed"
    screen.say(rest, indent=2)


def _labels(entities: Sequence[str], controls: Controls) -> list[str]:
    return [f"{controls.organization.label(entity)} ({entity})" for entity in entities]
