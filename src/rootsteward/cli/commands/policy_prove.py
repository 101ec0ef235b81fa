"""`rootsteward policy prove`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar, Self

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.organization_source import SnapshotOption, reader_when_needed
from rootsteward.cli.policy_chains import (
    Pair,
    chain_of,
    pairs_of,
    prove_in_all,
    prove_same,
)
from rootsteward.cli.policy_sources import Levels, RcpOption, Source, policy_type_of, read_source
from rootsteward.cli.policy_view import proof_row, show_proof
from rootsteward.cli.render import Column, Screen
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import controls as control_facts
from rootsteward.operations.controls import ControlReader
from rootsteward.policy.prove.api import (
    Assumptions,
    prove_closes_nothing,
    prove_never_allowed,
    prove_opens_exactly,
    prove_opens_nothing_else,
)
from rootsteward.policy.prove.budget import DEFAULT_STEPS
from rootsteward.policy.prove.proof import Proof, Refuted, Unknown
from rootsteward.policy.prove.request_set import RequestSet

_PANEL = "Claims (default: --equivalent)"
_SETS = "tasks, a task's name, root-sessions, root-user, nothing, or actions such as s3:Get*"
_COLUMNS = (
    Column("verdict", "verdict", fold=False),
    Column("question", "claim"),
    Column("reason", "because"),
)

NOTHING = RequestSet.of_actions(())

Claim = Callable[[], Proof]


def _flag(flag: str, help_text: str) -> tuple[object, object]:
    return Annotated[bool, typer.Option(flag, help=help_text, rich_help_panel=_PANEL)], False


def _set(flag: str, help_text: str) -> tuple[object, object]:
    option = typer.Option(flag, help=help_text, metavar="SET", rich_help_panel=_PANEL)
    return Annotated[str | None, option], None


@dataclass(frozen=True, slots=True)
class Claims:
    """What is to be proved. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "opens_exactly": _set("--opens-exactly", f"NEW is OLD plus exactly this set: {_SETS}."),
        "opens_only": _set("--opens-only", "NEW opens nothing outside this set."),
        "closes_nothing": _flag("--closes-nothing", "NEW allows whatever OLD allows."),
        "equivalent": _flag("--equivalent", "Both allow the same requests."),
        "never": (
            Annotated[
                list[str] | None,
                typer.Option(
                    "--never",
                    metavar="ACTION",
                    help="Nobody can ever do this; may be repeated. Asked about the last policy.",
                    rich_help_panel=_PANEL,
                ),
            ],
            None,
        ),
    }

    opens_exactly: RequestSet | None = None
    opens_only: RequestSet | None = None
    closes_nothing: bool = False
    equivalent: bool = False
    never: tuple[str, ...] = ()

    @classmethod
    def from_options(
        cls,
        *,
        opens_exactly: str | None = None,
        opens_only: str | None = None,
        closes_nothing: bool = False,
        equivalent: bool = False,
        never: list[str] | None = None,
    ) -> Self:
        """Read the options.

        Raises:
            InputError: on a set or an action that does not exist.
        """
        for action in never or ():
            if action.count(":") != 1 and action != "*":
                raise InputError(
                    f"`{action}` is not an action", help="for example --never iam:CreateUser"
                )
        return cls(
            read_set(opens_exactly) if opens_exactly else None,
            read_set(opens_only) if opens_only else None,
            closes_nothing,
            equivalent,
            tuple(never or ()),
        )

    @property
    def about_a_change(self) -> bool:
        """Whether anything is claimed about two policies."""
        return bool(self.opens_exactly or self.opens_only or self.closes_nothing or self.equivalent)


def read_set(name: str) -> RequestSet:
    """A set of requests by its name, or as action patterns divided by commas, by anyone.

    Raises:
        InputError: when there is no such set.
    """
    sets = {
        "tasks": RequestSet.tasks(TaskPolicy),
        **{task.slug: RequestSet.tasks([task]) for task in TaskPolicy},
        "root-sessions": RequestSet.root_sessions(),
        "root-user": RequestSet.root_user(),
        "nothing": NOTHING,
    }
    if ":" in name:
        return RequestSet.of_actions(part.strip() for part in name.split(","))
    if name not in sets:
        raise InputError(
            f"there is no set `{name}`", help=f"the sets are {', '.join(sets)}, or actions"
        )
    return sets[name]


@connected
def prove(
    session: Session,
    claims: Claims,
    old: Annotated[
        str | None,
        typer.Argument(metavar="OLD", help="A policy file, chain file or live policy id."),
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="What it is to become.")] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="With --never: the SCPs and RCPs of this account."),
    ] = None,
    sessions_keep_to_tasks: Annotated[
        bool,
        typer.Option(
            "--sessions-keep-to-tasks",
            help="Assume that a root session can do nothing but its task's actions.",
        ),
    ] = False,
    certificate: Annotated[
        bool, typer.Option("--certificate", help="Print the requests that a proof rests on.")
    ] = False,
    rcp: RcpOption = False,
    steps: Annotated[
        int,
        typer.Option(
            "--steps", min=1, help="The budget of a question; past it the answer is unknown."
        ),
    ] = DEFAULT_STEPS,
    snapshot: SnapshotOption = None,
) -> ExitCode:
    """Prove, for all requests, what a change opens and closes, or that nobody can do something."""
    terms = _Terms(Assumptions(sessions_keep_to_tasks), steps)
    reader = reader_when_needed(session, snapshot)
    policy_type = policy_type_of(rcp=rcp)
    named = tuple(read_source(reader, name, policy_type) for name in (old, new) if name)
    sources = _sources(reader, named, account)
    proofs = [claim() for claim in _asked(sources, claims, terms)]
    _show(session.screen, proofs, certificate=certificate)
    if any(isinstance(proof, Refuted) for proof in proofs):
        return ExitCode.DENY
    return ExitCode.UNSEEN if any(isinstance(p, Unknown) for p in proofs) else ExitCode.DONE


def _sources(
    reader: Callable[[], ControlReader], named: tuple[Source, ...], account: str | None
) -> tuple[Source, ...]:
    """The one or two things that are asked about."""
    if account is None:
        if not named:
            raise InputError("no policy", help="name OLD and NEW, or --account with --never")
        return named
    if named:
        raise InputError("--account and files cannot be asked about at once", help="leave one out")
    controls = control_facts.gather(reader(), reader().organization())
    scps, rcps = (
        policies.levels(controls.organization, AccountId(account))
        for policies in (controls.scps, controls.rcps)
    )
    if scps is None and rcps is None:
        raise InputError(
            f"no SCP and no RCP is in force in account `{account}`",
            help="both are switched off, or it is the management account: nothing is denied",
        )
    return (Levels(scps, rcps, controls.partition, account),)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a proof may take for granted, and how much work it may be."""

    assumptions: Assumptions
    steps: int


def _asked(sources: tuple[Source, ...], claims: Claims, terms: _Terms) -> Sequence[Claim]:
    """One function for each claim; `--equivalent` when nothing is claimed."""
    asked: list[Claim] = []
    if claims.about_a_change or not claims.never:
        if len(sources) == 1:
            raise InputError(
                "a claim about a change needs OLD and NEW",
                help="name both; --never is asked about one policy",
            )
        asked += _about_change(pairs_of(*sources), claims, terms)
    chain = chain_of(sources[-1])
    asked += [
        partial(prove_never_allowed, chain, RequestSet.of_actions([action]), steps=terms.steps)
        for action in claims.never
    ]
    return asked


def _about_change(pairs: tuple[Pair, ...], claims: Claims, terms: _Terms) -> Sequence[Claim]:
    def under(prove: Callable[..., Proof], *stated: RequestSet) -> Callable[[Pair], Proof]:
        return lambda pair: prove(
            pair.before,
            pair.after,
            *stated,
            assumptions=terms.assumptions,
            steps=terms.steps,
        )

    asked: list[Callable[[Pair], Proof]] = []
    exactly, only = claims.opens_exactly, claims.opens_only
    if exactly is not None and exactly != NOTHING:
        asked.append(under(prove_opens_exactly, exactly))
    if only is not None:
        asked.append(under(prove_opens_nothing_else, only))
    if claims.closes_nothing:
        asked.append(under(prove_closes_nothing))
    if claims.equivalent or exactly == NOTHING or not asked:
        asked.append(partial(prove_same, steps=terms.steps))
    return [partial(prove_in_all, pairs, one) for one in asked]


def _show(screen: Screen, proofs: Sequence[Proof], *, certificate: bool) -> None:
    if screen.for_people:
        for proof in proofs:
            show_proof(screen, proof, certificate=certificate)
        return
    rows = [proof_row(proof, certificate=certificate) for proof in proofs]
    screen.rows("Proofs", _COLUMNS, rows)
