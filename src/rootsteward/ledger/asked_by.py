"""Who asked, in every entry: an export then answers it without anything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.ports.journal import Journal, JsonValue


@dataclass(frozen=True, slots=True)
class Asker:
    """The AWS identity behind a run, by GetCallerIdentity, and its organization's id."""

    arn: str
    organization: str


class AskedJournal:
    """Implements `rootsteward.ports.journal.Journal`: adds who asked to each entry's body."""

    def __init__(self, journal: Journal, asker: Asker) -> None:
        self._journal = journal
        self._asker = asker

    def record(self, kind: str, subject: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry with `asked_by` and `organization`; see `Journal`."""
        asked = {"asked_by": self._asker.arn, "organization": self._asker.organization}
        return self._journal.record(kind, subject, {**body, **asked})
