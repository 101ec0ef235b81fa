"""One GuardDuty finding, as it is kept."""

from dataclasses import dataclass
from datetime import datetime

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.world.finding_kinds import FindingKind


@dataclass(slots=True)
class FindingRecord:
    """One finding. `count` calls went into it, from `first_seen_at` to `last_seen_at`."""

    id: str
    kind: FindingKind
    account: AccountId
    region: str
    detector_id: str
    api: str
    service_name: str
    access_key_id: str
    source_ip: str
    user_agent: str
    error_code: str
    first_seen_at: datetime
    last_seen_at: datetime
    created_at: datetime
    updated_at: datetime
    count: int = 1
    archived: bool = False

    @property
    def arn(self) -> str:
        """The finding's ARN, in the account it is about."""
        return (
            f"arn:aws:guardduty:{self.region}:{self.account}"
            f":detector/{self.detector_id}/finding/{self.id}"
        )
