"""Entries of the ledger as rows for people: what was done, to what, and how it ended."""

from collections.abc import Iterable, Iterator

from rootsteward.cli.render import Column, Row, Value
from rootsteward.ledger.choice import readable_body
from rootsteward.ledger.entry import Entry
from rootsteward.ports.journal import JsonValue

COLUMNS = (
    Column("seq", "#", fold=False),
    Column("at", "at (UTC)", fold=False),
    Column("subject", "subject"),
    Column("what", "what"),
)
# For CSV, where a cell is one value.
DATA_COLUMNS = tuple(
    Column(name, name) for name in ("seq", "at", "kind", "subject", "body", "hash")
)
_LONGEST = 160


def row_for_people(entry: Entry, *, ids: bool) -> Row:
    """One row of the table; with `ids` also session, request, plan and backup.

    Policies and other long texts are left out or cut; JSON shows them whole.
    """
    body = readable_body(entry)
    return {
        "seq": entry.seq,
        "at": entry.at[:19].replace("T", " "),
        "subject": entry.subject,
        "what": [entry.kind, *_lines(body), *(_ids(body) if ids else ())],
    }


def row_of_data(entry: Entry) -> Row:
    """Everything that is recorded."""
    body: Value = readable_body(entry)
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "subject": entry.subject,
        "body": body,
        "hash": entry.hash,
    }


def askers(entries: Iterable[Entry]) -> list[str]:
    """Who asked for any of them, in order of their first entry."""
    asked = (readable_body(entry).get("asked_by") for entry in entries)
    return list(dict.fromkeys(str(arn) for arn in asked if arn))


def _lines(body: dict[str, JsonValue]) -> Iterator[str]:
    act, target = body.get("act"), body.get("target") or body.get("resource") or body.get("task")
    if act == "look":
        yield f"looked: {body.get('outcome')}"
    elif act:
        yield " ".join(str(part) for part in (act, target) if part)
    for name in ("answer", "message", "detail", "unreadable"):
        if body.get(name):
            yield _short(f"{name}: {body[name]}" if name != "detail" else str(body[name]))


def _ids(body: dict[str, JsonValue]) -> Iterator[str]:
    for name in ("session", "request_id", "plan", "backup"):
        if body.get(name):
            yield f"{name.removesuffix('_id')} {body[name]}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
