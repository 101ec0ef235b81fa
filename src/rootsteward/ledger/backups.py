"""Backups of policies, in the same database as the ledger."""

from rootsteward.ports.clock import Clock
from rootsteward.storage.documents import DocumentStore


class Backups:
    """Implements `rootsteward.ports.backups.BackupStore` on a document store."""

    def __init__(self, documents: DocumentStore, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def save(self, kind: str, key: str, body: str) -> str:
        """Keep a text and return the id by which it can be found again.

        Raises:
            OperatorError: when the database cannot be written.
        """
        return str(self._documents.save(kind, key, body, at=self._clock.now()))
