"""Where the old text of a policy is kept before it is changed."""

from typing import Protocol


class BackupStore(Protocol):
    """Keeps policy documents. Never changes or drops what it keeps."""

    def save(self, kind: str, key: str, body: str) -> str:
        """Keep a text and return the id by which it can be found again.

        Args:
            kind: what it is: `bucket-policy`, `queue-policy` or `control-policy`.
            key: what it belongs to: an account and a bucket or queue, or a policy id.
            body: the text, byte for byte.

        Raises:
            OperatorError: when it could not be kept; then the change must not be made.
        """
