"""One entry of the ledger: its canonical form and its hash."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rootsteward.domain.errors import BugError
from rootsteward.domain.secret import Secret
from rootsteward.ports.journal import JsonValue

# The hash before the first entry.
GENESIS = "0" * 64

_SECRET_KEY = re.compile(
    r"secret|session_?token|security_?token|private_?key|passphrase|authorization|credential_?blob",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, as recorded.

    `body` is canonical JSON text and `at` ISO 8601 in UTC: exactly what was hashed, so that
    reading and writing again cannot change the hash.
    """

    seq: int
    at: str
    kind: str
    subject: str
    body: str
    previous_hash: str
    hash: str

    @property
    def value(self) -> dict[str, JsonValue]:
        """The body as JSON."""
        body: dict[str, JsonValue] = json.loads(self.body)
        return body

    def expected_hash(self) -> str:
        """SHA-256 over the previous hash and the canonical form of everything but `hash`."""
        return sha256(f"{self.previous_hash}\n{self._text({})}".encode()).hexdigest()

    def line(self) -> str:
        """The entry as one line of an export: canonical JSON of all seven members."""
        return self._text({"hash": self.hash})

    def _text(self, more: Mapping[str, JsonValue]) -> str:
        # The body is spliced in as the very text that is stored, at its place among the sorted
        # keys, so that a changed body cannot come out as the same text.
        before = canonical({"at": self.at})[:-1]
        after = canonical(
            {
                **more,
                "kind": self.kind,
                "previous_hash": self.previous_hash,
                "seq": self.seq,
                "subject": self.subject,
            }
        )[1:]
        return f'{before},"body":{self.body},{after}'


def make_entry(seq: int, at: str, kind: str, subject: str, body: str, previous_hash: str) -> Entry:
    """An entry with its hash filled in; `body` must be canonical already."""
    bare = Entry(seq, at, kind, subject, body, previous_hash, "")
    return Entry(seq, at, kind, subject, body, previous_hash, bare.expected_hash())


# WHY Any: members of parsed JSON; the caller has checked their types.
def entry_from_line(line: Mapping[str, Any]) -> Entry:
    """An entry read back from an export."""
    return Entry(
        seq=line["seq"],
        at=line["at"],
        kind=line["kind"],
        subject=line["subject"],
        body=canonical(line["body"]),
        previous_hash=line["previous_hash"],
        hash=line["hash"],
    )


def canonical(value: JsonValue | Mapping[str, JsonValue]) -> str:
    """JSON with sorted keys, no white space and ASCII only: one text for one value.

    Raises:
        BugError: when the value is not JSON, NaN and infinities included.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BugError(f"a ledger entry is not JSON: {error}") from error


def canonical_body(body: Mapping[str, JsonValue]) -> str:
    """The canonical text of a body that holds nothing secret.

    Raises:
        BugError: when it holds a `Secret`, or a member whose name says that it holds one.
    """
    _refuse_secrets(body, "body")
    return canonical(dict(body))


def _refuse_secrets(value: object, where: str) -> None:
    if isinstance(value, Secret):
        raise BugError(f"a secret was about to enter the ledger at `{where}`")
    if isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                raise BugError(f"a ledger entry is not JSON: a key at `{where}` is no text")
            if _SECRET_KEY.search(key):
                raise BugError(f"a secret was about to enter the ledger at `{where}.{key}`")
            _refuse_secrets(member, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, member in enumerate(value):
            _refuse_secrets(member, f"{where}[{index}]")
