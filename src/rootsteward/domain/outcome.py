"""How a step on one account ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """The truth about an account after a step. `UNKNOWN` is never written as anything better."""

    CLEAN = "clean"
    DELETED = "deleted"
    PRESENT = "present"
    RECOVERY_OPEN = "recovery open"
    UNLOCKED = "unlocked"
    DENIED = "denied"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CHANGED_MEANWHILE = "changed meanwhile"
    PLANNED = "planned"
