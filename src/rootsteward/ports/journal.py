"""Where acts are written down: intent before, result after."""

from collections.abc import Mapping
from typing import Protocol

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


class Journal(Protocol):
    """Append-only. Nothing secret is ever handed to it."""

    def record(self, kind: str, subject: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry and return its sequence number, counted from 1.

        Args:
            kind: what happened, as `<operation>.<intent|result>`, such as
                `delete-credentials.intent`.
            subject: the account, policy, bucket or queue it happened to.
            body: JSON; no secrets.
        """
