"""`rootsteward iam-policy`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import FormatOption
from rootsteward.cli.render import Column, Format, Row, Screen, Value
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.operations import iam_policy as operation
from rootsteward.operations.permissions import (
    VERBS,
    Permission,
    Verb,
    permissions_for,
    tasks_for,
)

_COLUMNS = (
    Column("action", "permission"),
    Column("why", "what for"),
    Column("verbs", "needed by"),
)
_DATA_COLUMNS = (*_COLUMNS, Column("resource", "on"))
_ALL = "all"


class Partition(StrEnum):
    """Where AWS keeps itself apart."""

    AWS = "aws"
    CHINA = "aws-cn"
    GOVERNMENT = "aws-us-gov"


def iam_policy(
    verbs: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="VERBS",
            help=f"Commands, separated by commas: {', '.join(VERBS)}; or {_ALL}.",
        ),
    ] = _ALL,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", help="Only this member account; may be repeated."),
    ] = None,
    partition: Annotated[
        Partition, typer.Option("--partition", help="The partition of the organization.")
    ] = Partition.AWS,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show each permission, what needs it and why, instead."),
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Print the identity policy that an operator needs for some commands, and no more."""
    chosen = _verbs(verbs)
    screen = Screen(output)
    accounts = [AccountId(each) for each in account or ()]
    document = operation.plan(chosen, partition=partition.value, accounts=accounts)
    if not explain:
        screen.json(document)
        raise typer.Exit(ExitCode.DONE)
    rows = _rows(chosen, partition.value, accounts)
    if screen.for_people:
        rows = [{**row, "verbs": _in_one_line(row["verbs"])} for row in rows]
    screen.rows("Permissions", _COLUMNS if screen.for_people else _DATA_COLUMNS, rows)
    screen.say(
        f"{operation.characters(document):,} of {operation.MOST_CHARACTERS:,} characters of a "
        "managed policy"
    )


def _verbs(text: str) -> Sequence[Verb]:
    """The verbs that were named: `scp repair` and `scp-repair` are the same.

    Raises:
        InputError: when there is no such verb.
    """
    slugs = ["-".join(part.split()) for part in text.split(",")]
    for slug in slugs:
        if slug != _ALL and slug not in VERBS:
            raise InputError(
                f"there is no command `{slug}` that needs permissions",
                help=f"the commands are {', '.join(VERBS)}; or {_ALL}",
            )
    return [verb for verb in VERBS.values() if _ALL in slugs or verb.slug in slugs]


def _rows(verbs: Sequence[Verb], partition: str, accounts: Sequence[AccountId]) -> list[Row]:
    rows: list[Row] = [
        {
            "action": permission.action,
            "why": permission.why,
            "verbs": [verb.slug for verb in verbs if permission.action in verb.actions],
            "resource": _on(permission, partition, accounts),
        }
        for permission in permissions_for(verbs)
    ]
    for task in tasks_for(verbs):
        needed_by = [verb.slug for verb in verbs if task in verb.tasks]
        why = f"root sessions for the task {task.slug}"
        targets = [f"root user of {each}" for each in accounts] or ["root user of any account"]
        row: Row = {"action": "sts:AssumeRoot", "why": why, "verbs": needed_by, "resource": targets}
        rows.append(row)
    return rows


def _in_one_line(verbs: Value) -> str:
    return ", ".join(map(str, verbs)) if isinstance(verbs, list) else ""


def _on(permission: Permission, partition: str, accounts: Sequence[AccountId]) -> list[str]:
    arns = list(operation.resources(permission.about, partition, accounts))
    if permission.condition is None:
        return arns
    return [*arns, "only {} = {}".format(*permission.condition)]
