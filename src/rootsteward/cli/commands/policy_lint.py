"""`rootsteward policy lint`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.organization_source import SnapshotOption, control_reader
from rootsteward.cli.policy_sources import RcpOption, policy_files, policy_type_of
from rootsteward.cli.render import Column, Row, Screen
from rootsteward.cli.text_files import read_text
from rootsteward.domain.authorization import NamedDocument, PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.operations.controls import RCP_TYPE, SCP_TYPE, ControlReader
from rootsteward.policy.document import Document, Problem
from rootsteward.policy.lint.finding import Severity
from rootsteward.policy.lint.run import lint_document
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.repair import Safety
from rootsteward.policy.syntax_error import PolicySyntaxError

MALFORMED = "malformed"
UNREADABLE = "unreadable"
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_COLUMNS = tuple(
    Column(key, key)
    for key in (
        "policy",
        "line",
        "column",
        "severity",
        "slug",
        "statement_index",
        "sid",
        "message",
        "fix",
        "fix_safety",
        "page",
    )
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding, or the reason why a file or a statement cannot be read."""

    policy: str
    line: int
    column: int
    severity: Severity
    slug: str
    message: str
    statement_index: int | None = None
    sid: str = ""
    fix: str = ""
    fix_safety: Safety | None = None
    fixed_text: str | None = None
    page: str = ""


@connected
def lint(
    session: Session,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="Policies, or folders of them.")
    ] = None,
    rcp: RcpOption = False,
    live: Annotated[
        bool, typer.Option("--live", help="The organization's own policies, from AWS.")
    ] = False,
    snapshot: SnapshotOption = None,
) -> ExitCode:
    """Find what goes wrong with SCPs in practice, each with its place and a fix if there is one."""
    live = live or snapshot is not None
    if bool(files) == live:
        option = "--snapshot" if snapshot else "--live"
        raise InputError(f"{option} takes no files" if live else "no policy", help=_HELP)
    policy_type = policy_type_of(rcp=rcp)
    documents = list(
        _live(control_reader(session, snapshot), policy_type) if live else _files(files or [])
    )
    found = [remark for one in documents for remark in _remarks(one, policy_type)]
    screen = session.screen
    if screen.for_people:
        for remark in found:
            _show(screen, remark)
        screen.say(
            f"{_count(len(found), 'finding', 'findings')} in "
            f"{_count(len(documents), 'policy', 'policies')}"
        )
    else:
        screen.rows("Findings", _COLUMNS, [_row(remark) for remark in found])
    return ExitCode.FINDINGS if found else ExitCode.DONE


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


_HELP = "name files or folders, or --live or --snapshot for the organization's own policies"


def _files(references: Sequence[str]) -> Iterator[NamedDocument | Remark]:
    """The texts of the files; one that is no text is a remark.

    Raises:
        InputError: when a file is not there.
    """
    for path in [*policy_files(references)]:
        try:
            yield NamedDocument(str(path), read_text(path, "policy"))
        except InputError as error:
            if not isinstance(error.__cause__, UnicodeDecodeError):
                raise
            yield Remark(str(path), 1, 1, Severity.ERROR, MALFORMED, error.message)


def _live(reader: ControlReader, policy_type: PolicyType) -> Iterator[NamedDocument]:
    """The organization's policies, without those that AWS owns."""
    kind = RCP_TYPE if policy_type is PolicyType.RCP else SCP_TYPE
    policies = reader.control_policies(kind, reader.organization().org_root).policies
    for policy in policies.values():
        if not policy.aws_managed:
            yield NamedDocument(f"{policy.name} ({policy.id})", policy.content)


def _remarks(one: NamedDocument | Remark, policy_type: PolicyType) -> list[Remark]:
    """Everything about one policy, in the order of its text."""
    if isinstance(one, Remark):
        return [one]
    try:
        document = parse_document(one.text, name=one.name, policy_type=policy_type)
    except PolicySyntaxError as error:
        message = f"expected {error.expected}, found {error.found}"
        return [Remark(one.name, error.line, error.column, Severity.ERROR, MALFORMED, message)]
    found = [*_unreadable(document), *_findings(document)]
    return sorted(found, key=lambda remark: (remark.line, remark.column, remark.slug))


def _unreadable(document: Document) -> Iterator[Remark]:
    """What makes a statement mean nothing certain; AWS would refuse to store it."""

    def remark(problem: Problem, index: int | None = None, sid: str = "") -> Remark:
        at, name = problem.position, document.name
        return Remark(
            name, at.line, at.column, Severity.ERROR, UNREADABLE, problem.message, index, sid
        )

    yield from map(remark, document.problems)
    for statement in document.statements:
        tests = [test.problem for test in statement.conditions if test.problem is not None]
        for problem in dict.fromkeys((*statement.problems, *tests)):
            yield remark(problem, statement.index, statement.sid)


def _findings(document: Document) -> Iterator[Remark]:
    for finding in lint_document(document):
        yield Remark(
            policy=document.name,
            line=finding.position.line,
            column=finding.position.column,
            severity=finding.severity,
            slug=finding.slug,
            message=finding.message,
            statement_index=finding.statement_index,
            sid=finding.sid,
            fix=finding.fix.what if finding.fix else "",
            fix_safety=finding.fix.safety if finding.fix else None,
            fixed_text=finding.fix.text if finding.fix else None,
            page=finding.page,
        )


def _show(screen: Screen, remark: Remark) -> None:
    """As compilers say it, so that editors find the place."""
    place = f"{remark.policy}:{remark.line}:{remark.column}: "
    head = Text.assemble(place, (remark.severity.value, _STYLES[remark.severity]))
    screen.out.print(head.append(f" {remark.slug}"), soft_wrap=True)
    screen.say(remark.message, indent=2)
    if remark.fix_safety is not None:
        screen.say(f"fix, {remark.fix_safety.value}: {remark.fix}", indent=2)


def _row(remark: Remark) -> Row:
    return {
        "policy": remark.policy,
        "line": remark.line,
        "column": remark.column,
        "severity": remark.severity.value,
        "slug": remark.slug,
        "statement_index": remark.statement_index,
        "sid": remark.sid or None,
        "message": remark.message,
        "fix": remark.fix or None,
        "fix_safety": remark.fix_safety.value if remark.fix_safety else None,
        "fixed_text": remark.fixed_text,
        "page": remark.page or None,
    }
