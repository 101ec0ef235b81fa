"""Which entries to show: by whom, what, under which plan, since when."""

import json
from dataclasses import dataclass
from datetime import datetime

from rootsteward.ledger.entry import Entry
from rootsteward.ports.journal import JsonValue


@dataclass(frozen=True, slots=True)
class Choice:
    """Every condition that is given must hold. `since` is aware.

    `kind` is a whole kind, such as `delete-credentials.intent`, or its part before the dot.
    """

    subject: str | None = None
    kind: str | None = None
    plan: str | None = None
    since: datetime | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether the entry is to be shown."""
        return (
            self.subject in {None, entry.subject}
            and self.kind in {None, entry.kind, entry.kind.partition(".")[0]}
            and (self.plan is None or readable_body(entry).get("plan") == self.plan)
            and (self.since is None or datetime.fromisoformat(entry.at) >= self.since)
        )


def readable_body(entry: Entry) -> dict[str, JsonValue]:
    """The body as JSON; of an entry that was tampered with, its text under `unreadable`."""
    try:
        value = json.loads(entry.body)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"unreadable": entry.body}
