"""`rootsteward policy repair`."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, TaskOption, connected, tasks_from
from rootsteward.cli.policy_chains import level_of
from rootsteward.cli.policy_sources import (
    FULL_ACCESS_WORD,
    Levels,
    is_chain_file,
    policy_files,
    read_chain_file,
    read_policy,
)
from rootsteward.cli.policy_view import request_row
from rootsteward.cli.render import Column, Row, Value
from rootsteward.cli.repair_view import SizeLimitOption, show_outcome_of_policy
from rootsteward.domain.authorization import Level
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.operations.controls import SCP_TYPE
from rootsteward.policy.repair.plan import plan_repairs
from rootsteward.policy.repair.protection import advice_instead_of_edit
from rootsteward.policy.repair.repair import (
    SIZE_LIMIT_CHARACTERS,
    NoRepair,
    Repair,
    RepairPlan,
    Style,
)

_COLUMNS = (
    Column("policy", "policy"),
    Column("style", "style", fold=False),
    Column("safety", "safety", fold=False),
    Column("proof", "proof", fold=False),
    Column("outcome", "outcome"),
    Column("detail", "detail"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One policy that blocks, and what was done about it. `written` is where the new text is."""

    found: Repair | NoRepair
    written: Path | None = None
    backup: Path | None = None


@connected
def repair(
    session: Session,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Policies, folders or chain files.")
    ],
    task: TaskOption = None,
    style: Annotated[
        Style | None,
        typer.Option("--style", help="How to change it. Default: the narrowest that is proved."),
    ] = None,
    size_limit: SizeLimitOption = SIZE_LIMIT_CHARACTERS,
    output_folder: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help="Write the changed policies there."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Change the files; each old text is kept as FILE.bak.")
    ] = False,
) -> ExitCode:
    """Show the smallest changes that unblock the root tasks, with diff and proof.

    For the policies of the live organization: rootsteward scp repair.
    """
    if write and output_folder is not None:
        raise InputError("--write and --output cannot be used at once", help="choose one")
    tasks = tasks_from(task)
    plans = [
        plan_repairs(
            chain.levels or (),
            tasks=tasks,
            style=style,
            size_limit=size_limit,
            protected=_protected(chain.levels or ()),
            rcp_levels=chain.rcp_levels,
        )
        for chain in _chains(files)
    ]
    repairs = _distinct(plans)
    if session.screen.for_people:
        for one in repairs:
            title = one.policy_name or ", ".join(one.entities)
            show_outcome_of_policy(session.screen, one, title)
        if not repairs:
            session.screen.say("no policy blocks these tasks")
    targets = _targets(repairs, output_folder, write=write)
    outcomes = [_carry_out(one, targets.get(one.policy_name)) for one in repairs]
    if outcomes or not session.screen.for_people:
        session.screen.rows("Repairs", _COLUMNS, [_row(one) for one in outcomes])
    if any(isinstance(one, Repair) for one in repairs) and not targets:
        session.screen.say("nothing was changed; --output FOLDER or --write writes the changes")
    left = any(outcome.written is None for outcome in outcomes)
    return ExitCode.FINDINGS if left else ExitCode.DONE


def _chains(references: Sequence[str]) -> Iterator[Levels]:
    """Each policy in a level of its own; each chain file as it is.

    Raises:
        InputError: when a file cannot be read or is malformed.
    """
    for reference in references:
        if is_chain_file(reference):
            yield read_chain_file(Path(reference))
            continue
        for path in policy_files([reference]):
            yield Levels((level_of(read_policy(str(path))),))


def _protected(levels: Sequence[Level]) -> dict[str, str]:
    """Policies that are not to be edited, by what their texts and names say."""
    advices = {
        document.name: advice_instead_of_edit(
            ControlPolicy(
                id=document.name,
                name=Path(document.name).stem,
                arn="",
                description="",
                type=SCP_TYPE,
                aws_managed=document.name == FULL_ACCESS_WORD,
                content=document.text,
            )
        )
        for level in levels
        for document in level.documents
    }
    return {name: advice for name, advice in advices.items() if advice}


def _distinct(plans: Sequence[RepairPlan]) -> list[Repair | NoRepair]:
    """All outcomes.

    Raises:
        InputError: when one file is in two chains that ask for different changes of it.
    """
    repairs: dict[str, Repair] = {}
    outcomes: list[Repair | NoRepair] = []
    for found in (outcome for plan in plans for outcome in plan.outcomes):
        known = repairs.get(found.policy_name)
        if isinstance(found, Repair):
            if known is not None and known.new != found.new:
                raise InputError(
                    f"`{found.policy_name}` would be changed in two ways",
                    help="repair one chain file at a time",
                )
            if known is not None:
                continue
            repairs[found.policy_name] = found
        outcomes.append(found)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a new text goes, and where the old one is kept first."""

    path: Path
    backup: Path | None


def _targets(
    found: Sequence[Repair | NoRepair], folder: Path | None, *, write: bool
) -> dict[str, _Target]:
    """The files to write, all checked before the first is touched.

    Raises:
        InputError: when one is there already, or two would be the same.
    """
    names = [one.policy_name for one in found if isinstance(one, Repair)]
    if write:
        targets = {n: _Target(Path(n), Path(f"{n}.bak")) for n in names}
    elif folder is not None:
        targets = {n: _Target(folder / Path(n).name, None) for n in names}
    else:
        return {}
    created = [target.backup or target.path for target in targets.values()]
    for path in created:
        if path.exists() or created.count(path) > 1:
            raise InputError(
                f"`{path}` is there already" if path.exists() else f"two files would be `{path}`",
                help="nothing was written; move it away, or name another --output folder",
            )
    return targets


def _carry_out(found: Repair | NoRepair, target: _Target | None) -> Outcome:
    """Write one new text, after keeping the old one.

    Raises:
        OperatorError: when a file cannot be written.
    """
    if target is None or isinstance(found, NoRepair):
        return Outcome(found)
    try:
        if target.backup is None:
            target.path.parent.mkdir(parents=True, exist_ok=True)
            with target.path.open("xb") as file:
                file.write(found.new.encode())
        else:
            shutil.copy2(target.path, target.backup)
            _replace(target.path, found.new)
    except OSError as error:
        raise OperatorError(
            f"`{target.path}` cannot be written: {error.strerror}",
            help="nothing after it was written; what was there before is untouched",
        ) from error
    return Outcome(found, target.path, target.backup)


def _replace(path: Path, text: str) -> None:
    """Put a whole file in place at once, so that nobody reads half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
        temporary.write(text.encode())
    shutil.copymode(path, temporary.name)
    Path(temporary.name).replace(path)


def _row(outcome: Outcome) -> Row:
    """One policy, with the fields that `scp repair` has."""
    found = outcome.found
    row: dict[str, Value] = {
        "policy": found.policy_name or ", ".join(found.entities),
        "tasks": [task.slug for task in found.tasks],
        "statements": list(found.statements),
    }
    if isinstance(found, NoRepair):
        return row | {
            "outcome": "no repair",
            "detail": found.reason,
            "advice": found.advice or None,
        }
    where = [f"old text: {outcome.backup}"] if outcome.backup else []
    return row | {
        "style": found.style.value,
        "safety": found.safety.value,
        "opens": found.opens,
        "proof": found.proof.verdict,
        "proof_question": found.proof.question,
        "assumptions": list(found.proof.assumptions),
        "outcome": "written" if outcome.written else "planned",
        "detail": [f"to {outcome.written}", *where] if outcome.written else None,
        "written": str(outcome.written) if outcome.written else None,
        "backup": str(outcome.backup) if outcome.backup else None,
        "beyond": request_row(found.beyond.witness) if found.beyond else None,
        "size_before": found.size_before,
        "size_after": found.size_after,
        "diff": found.diff,
    }
