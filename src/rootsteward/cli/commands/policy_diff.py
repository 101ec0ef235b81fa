"""`rootsteward policy diff`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.organization_source import SnapshotOption, reader_when_needed
from rootsteward.cli.policy_chains import (
    Pair,
    pairs_of,
    prove_in_all,
    prove_opens_nothing,
)
from rootsteward.cli.policy_sources import (
    OnePolicy,
    RcpOption,
    Source,
    policy_type_of,
    read_source,
)
from rootsteward.cli.policy_view import proof_row, show_request
from rootsteward.cli.render import Screen, Value, cell
from rootsteward.domain.authorization import Level
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.api import prove_opens_nothing_else
from rootsteward.policy.prove.proof import Proof, Proved, Refuted, Unknown
from rootsteward.policy.prove.request_set import RequestSet, Who
from rootsteward.policy.repair.repair import unified_diff

# What a change is likely to be confined to, from the narrowest on.
_NARROWEST_FIRST = (
    *(RequestSet.tasks([task]) for task in TaskPolicy),
    RequestSet.tasks(TaskPolicy),
    RequestSet.root_sessions(),
    RequestSet.tasks(TaskPolicy, Who.ROOT_USER),
    RequestSet.root_user(),
    RequestSet.tasks(TaskPolicy, Who.ANYONE),
)


@dataclass(frozen=True, slots=True)
class Direction:
    """What one of two texts allows and the other does not.

    `proof` claims that there is nothing such; when it is refuted, `within` is the narrowest of
    some known sets that all of it is proved to lie in, if any.
    """

    proof: Proof
    within: RequestSet | None = None


@connected
def diff(
    session: Session,
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A policy file, chain file or live policy id.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is to become.")],
    rcp: RcpOption = False,
    snapshot: SnapshotOption = None,
) -> ExitCode:
    """Show what changes in the text, and what that opens and closes."""
    reader = reader_when_needed(session, snapshot)
    policy_type = policy_type_of(rcp=rcp)
    before, after = (read_source(reader, name, policy_type) for name in (old, new))
    pairs = pairs_of(before, after)
    opens = _direction(pairs)
    closes = _direction(tuple(Pair(pair.after, pair.before) for pair in pairs))
    text = _text_diff(before, after)
    screen = session.screen
    if screen.for_people:
        screen.diff(text) if text else screen.say("the texts are the same")
        _show(screen, "opens", opens)
        _show(screen, "closes", closes)
        if _nothing(opens) and _nothing(closes) and text:
            screen.say("equivalent: only the wording or the layout changes")
    else:
        screen.record("Difference", _row(opens, closes, text), {k: k for k in _FIELDS})
    if any(isinstance(one.proof, Unknown) for one in (opens, closes)):
        return ExitCode.UNSEEN
    return ExitCode.DONE if _nothing(opens) and _nothing(closes) else ExitCode.FINDINGS


_FIELDS = ("identical", "equivalent", "opens", "closes", "diff")


def _row(opens: Direction, closes: Direction, text: str) -> dict[str, Value]:
    unknown = any(isinstance(one.proof, Unknown) for one in (opens, closes))
    return {
        "identical": not text,
        "equivalent": None if unknown else _nothing(opens) and _nothing(closes),
        "opens": _direction_row(opens),
        "closes": _direction_row(closes),
        "diff": text,
    }


def _direction_row(direction: Direction) -> dict[str, Value]:
    row = proof_row(direction.proof)
    return {
        "anything": None if row["verdict"] == "unknown" else row["verdict"] == "refuted",
        "only": direction.within.describe() if direction.within else None,
        "witness": row.get("witness"),
        "reason": row.get("reason"),
        "requests": row.get("certificate_size"),
    }


def _direction(pairs: tuple[Pair, ...]) -> Direction:
    proof = prove_in_all(pairs, prove_opens_nothing)
    if not isinstance(proof, Refuted):
        return Direction(proof)
    for within in _NARROWEST_FIRST:
        if isinstance(_confined(pairs, within), Proved):
            return Direction(proof, within)
    return Direction(proof)


def _confined(pairs: tuple[Pair, ...], within: RequestSet) -> Proof:
    return prove_in_all(pairs, lambda p: prove_opens_nothing_else(p.before, p.after, within))


def _nothing(direction: Direction) -> bool:
    return isinstance(direction.proof, Proved)


def _show(screen: Screen, verb: str, direction: Direction) -> None:
    proof = direction.proof
    match proof:
        case Proved():
            line = f" for all requests (regions looked at: {len(proof.certificate)})"
            screen.out.print(Text.assemble(f"{verb} nothing: ", cell("proved"), line))
        case Unknown():
            screen.out.print(Text.assemble(f"{verb}: ", cell("unknown"), f", {proof.reason}"))
        case Refuted():
            screen.say(f"{verb} this, for example:")
            show_request(screen, proof.witness)
            if direction.within is not None:
                line = f" that it {verb} nothing but {direction.within.describe()}"
                screen.out.print(Text.assemble(cell("proved"), line))


def _text_diff(old: Source, new: Source) -> str:
    """A unified diff of two policies; of two chains, of the policies that share a place."""
    if isinstance(old, OnePolicy) and isinstance(new, OnePolicy):
        one, other = old.document, new.document
        text = unified_diff(one.text, other.text, other.name)
        same_name = f"--- a/{other.name}\n+++ b/{other.name}\n"
        return text.replace(same_name, f"--- {one.name}\n+++ {other.name}\n", 1)
    before, after = _documents(old), _documents(new)
    places = dict.fromkeys((*before, *after))
    return "".join(
        unified_diff(before.get(place, ""), after.get(place, ""), place) for place in places
    )


def _documents(source: Source) -> dict[str, str]:
    """The texts of a chain by level and place."""
    if isinstance(source, OnePolicy):
        return {source.document.name: source.document.text}
    return {**_texts(source.levels, ""), **_texts(source.rcp_levels, "RCPs of ")}


def _texts(levels: Sequence[Level] | None, kind: str) -> dict[str, str]:
    return {
        f"{kind}{level.entity}/{place}": document.text
        for level in levels or ()
        for place, document in enumerate(level.documents, start=1)
    }
