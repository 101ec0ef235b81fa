"""Policies named on the command line: files, chain files and policies of the live organization.

A chain file is YAML (`.yaml`, `.yml`) and lists levels from the organization root to the account;
any other file is one policy. The word `FullAWSAccess` stands for AWS's managed policy.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rootsteward.cli.text_files import read_text
from rootsteward.domain.authorization import Level, NamedDocument, PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.operations.controls import RCP_TYPE, ControlReader
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.chain import FULL_ACCESS
from rootsteward.policy.syntax_error import PolicySyntaxError

FULL_ACCESS_WORD = "FullAWSAccess"
MANAGED_FULL_ACCESS = NamedDocument(FULL_ACCESS_WORD, FULL_ACCESS.text)
CHAIN_SUFFIXES = frozenset({".yaml", ".yml"})
_POLICY_ID = re.compile(r"p-[0-9a-zA-Z_]{8,128}\Z")


RcpOption = Annotated[bool, typer.Option("--rcp", help="The policies are RCPs, not SCPs.")]


def policy_type_of(*, rcp: bool) -> PolicyType:
    """What the files are, by the option."""
    return PolicyType.RCP if rcp else PolicyType.SCP


class _FileModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _LevelEntry(_FileModel):
    """One entity: a name for the reader, and the policies attached to it."""

    entity: str = ""
    policies: list[str] = Field(default_factory=list)


class _ChainEntry(_FileModel):
    """A chain file. What is left out is not in force."""

    levels: list[_LevelEntry] | None = None
    rcp_levels: list[_LevelEntry] | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """The SCPs and RCPs in force, level by level; None for a type that is not in force.

    `account` is the one they are in force in, where that is known.
    """

    levels: tuple[Level, ...] | None
    rcp_levels: tuple[Level, ...] | None = None
    partition: str = "aws"
    account: str = ""


@dataclass(frozen=True, slots=True)
class OnePolicy:
    """A policy by itself, and whether it is an SCP or an RCP."""

    document: NamedDocument
    policy_type: PolicyType = PolicyType.SCP
    partition: str = "aws"


Source = Levels | OnePolicy
"""What is asked about: a whole chain, or one policy."""


def check_policy(document: NamedDocument, policy_type: PolicyType = PolicyType.SCP) -> None:
    """Read a document once, so that a malformed one is refused at the door.

    Raises:
        InputError: naming line, column and what was expected.
    """
    try:
        parse_document(document.text, name=document.name, policy_type=policy_type)
    except PolicySyntaxError as error:
        raise InputError(error.message, help="correct the document at this place") from error


def read_policy(reference: str, policy_type: PolicyType = PolicyType.SCP) -> NamedDocument:
    """One policy, named by its file.

    Raises:
        InputError: when the file cannot be read or is malformed.
    """
    if reference == FULL_ACCESS_WORD:
        return MANAGED_FULL_ACCESS
    document = NamedDocument(reference, read_text(Path(reference), "policy"))
    check_policy(document, policy_type)
    return document


def read_levels(
    options: Sequence[str], policy_type: PolicyType = PolicyType.SCP
) -> tuple[Level, ...]:
    """The levels of repeated `--level` options: the policies of each, divided by commas.

    Raises:
        InputError: when a file cannot be read or is malformed.
    """
    return tuple(
        Level(f"level {number}", _attached(option.split(","), policy_type))
        for number, option in enumerate(options, start=1)
    )


def read_chain_file(path: Path) -> Levels:
    """Read a chain file and the policies it names, relative to its own folder.

    Raises:
        InputError: naming the line or the field that is wrong.
    """
    try:
        entry = _ChainEntry.model_validate(_parsed_yaml(path))
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"]) or "the document"
        raise InputError(
            f"chain file `{path}`: {field}: {problem['msg'].lower()}",
            help=_CHAIN_HELP,
        ) from error
    if entry.levels is None and entry.rcp_levels is None:
        raise InputError(f"chain file `{path}` has no levels", help=_CHAIN_HELP)
    return Levels(
        _read_entries(entry.levels, path.parent, PolicyType.SCP),
        _read_entries(entry.rcp_levels, path.parent, PolicyType.RCP),
    )


def _parsed_yaml(path: Path) -> object:
    try:
        return yaml.safe_load(read_text(path, "chain file"))
    except yaml.YAMLError as error:
        raise InputError(
            f"chain file `{path}`{_yaml_place(error)}", help="correct that line"
        ) from error
    except (ValueError, LookupError, AttributeError, RecursionError) as error:
        # WHY so many: it is what PyYAML lets escape of tags and of deep nesting.
        raise InputError(
            f"chain file `{path}` has a tag that does not fit its value, or is nested too deeply",
            help=_CHAIN_HELP,
        ) from error


_CHAIN_HELP = (
    "it reads: levels: [{entity: NAME, policies: [FILE, FullAWSAccess]}], and rcp_levels likewise"
)


def is_chain_file(reference: str) -> bool:
    """Whether a name is that of a chain file."""
    return Path(reference).suffix.lower() in CHAIN_SUFFIXES


def read_source(
    reader: Callable[[], ControlReader],
    reference: str,
    policy_type: PolicyType = PolicyType.SCP,
) -> Source:
    """What OLD and NEW name: a policy file, a chain file, or the id of a live policy.

    `policy_type` is that of a file; a live policy says itself what it is.

    Raises:
        InputError: when there is no such file or it is malformed.
    """
    if is_chain_file(reference):
        return read_chain_file(Path(reference))
    if _POLICY_ID.match(reference) and not Path(reference).exists():
        live = reader().control_policy(reference)
        document = NamedDocument(f"{live.name} ({live.id})", live.content)
        own_type = PolicyType.RCP if live.type == RCP_TYPE else PolicyType.SCP
        check_policy(document, own_type)
        return OnePolicy(document, own_type, reader().partition)
    return OnePolicy(read_policy(reference, policy_type), policy_type)


def policy_files(references: Iterable[str]) -> Iterator[Path]:
    """Files as they are named; of a folder, every `*.json` below it in order.

    Raises:
        InputError: when a folder holds none.
    """
    for reference in references:
        path = Path(reference)
        if not path.is_dir():
            yield path
            continue
        found = sorted(p for p in path.rglob("*.json") if p.is_file())
        if not found:
            raise InputError(
                f"folder `{path}` holds no *.json", help="name files, or a folder of policies"
            )
        yield from found


def _read_entries(
    entries: Sequence[_LevelEntry] | None, folder: Path, policy_type: PolicyType
) -> tuple[Level, ...] | None:
    if entries is None:
        return None

    def located(reference: str) -> str:
        return reference if reference == FULL_ACCESS_WORD else str(folder / reference)

    return tuple(
        Level(
            entry.entity or f"level {number}",
            _attached(map(located, entry.policies), policy_type),
        )
        for number, entry in enumerate(entries, start=1)
    )


def _attached(references: Iterable[str], policy_type: PolicyType) -> tuple[NamedDocument, ...]:
    names = (reference.strip() for reference in references)
    return tuple(read_policy(name, policy_type) for name in names if name)


def _yaml_place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f", line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return f": {error}"
