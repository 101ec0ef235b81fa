"""Which GuardDuty findings a call raises, and their words.

SOURCE: GuardDuty user guide, IAM finding types (rule cards GD-01 to GD-03).
"""

from collections.abc import Iterator
from enum import Enum, StrEnum

from rootsteward.sandbox.call import CallerKind


class Severity(float, Enum):
    """The numbers GuardDuty's words stand for in these findings."""

    LOW = 2.0
    MEDIUM = 5.0
    HIGH = 8.0


class FindingKind(StrEnum):
    """The finding types that root sessions and root users raise here."""

    ROOT_SESSION_USED = "Policy:IAMUser/ShortTermRootCredentialUsage"
    ROOT_USER_USED = "Policy:IAMUser/RootCredentialUsage"
    ANOMALOUS_DISCOVERY = "Discovery:IAMUser/AnomalousBehavior"
    ANOMALOUS_IMPACT = "Impact:IAMUser/AnomalousBehavior"
    ANOMALOUS_PERSISTENCE = "Persistence:IAMUser/AnomalousBehavior"

    @property
    def severity(self) -> Severity:
        """The default severity."""
        return _SEVERITIES[self]

    @property
    def anomalous(self) -> bool:
        """Whether the machine-learning model raises it, rather than the mere use of root."""
        return self not in {FindingKind.ROOT_SESSION_USED, FindingKind.ROOT_USER_USED}

    def title_for(self, api: str) -> str:
        """The finding's title."""
        if not self.anomalous:
            return f"The API {api} was invoked using root credentials."
        return (
            "The user Root : Root is anomalously invoking APIs commonly used in "
            f"{self._tactic} tactics."
        )

    def description_for(self, api: str, source_ip: str) -> str:
        """The finding's description."""
        if not self.anomalous:
            return f"The API {api} was invoked using root credentials from IP address {source_ip}."
        return (
            f"APIs commonly used in {self._tactic} tactics were invoked by user Root : Root, under "
            "unusual circumstances. Such activity is not typically seen from this user."
        )

    @property
    def _tactic(self) -> str:
        return self.value.partition(":")[0]


_SEVERITIES = {
    FindingKind.ROOT_SESSION_USED: Severity.LOW,
    FindingKind.ROOT_USER_USED: Severity.LOW,
    FindingKind.ANOMALOUS_DISCOVERY: Severity.LOW,
    FindingKind.ANOMALOUS_IMPACT: Severity.HIGH,
    FindingKind.ANOMALOUS_PERSISTENCE: Severity.MEDIUM,
}

# The verb an API's name starts with, and the tactic the model would see in it (rule card GD-03).
_TACTICS = {
    ("Get", "List", "Describe", "Head", "Lookup"): FindingKind.ANOMALOUS_DISCOVERY,
    ("Delete", "Put", "Update", "Set", "Deactivate", "Disable"): FindingKind.ANOMALOUS_IMPACT,
    ("Create", "Enable", "Attach", "Add"): FindingKind.ANOMALOUS_PERSISTENCE,
}


def kinds_raised(caller: CallerKind, api: str, *, first_use: bool) -> Iterator[FindingKind]:
    """The findings one call raises in one Region; none unless root makes the call.

    `first_use` says that this account's root has not called the API in the Region before.
    """
    if caller is CallerKind.ROOT_SESSION:
        yield FindingKind.ROOT_SESSION_USED
    elif caller is CallerKind.ROOT_USER:
        yield FindingKind.ROOT_USER_USED
    else:
        return
    if first_use:
        yield from (kind for verbs, kind in _TACTICS.items() if api.startswith(verbs))
