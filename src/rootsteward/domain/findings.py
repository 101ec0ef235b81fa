"""GuardDuty findings and the CloudTrail events that explain them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One GuardDuty finding about an access key. Times are aware UTC; severity is 1.0 to 10.0."""

    id: str
    arn: str
    type: str
    account: str
    region: str
    severity: float
    title: str
    api: str
    service_name: str
    access_key_id: str
    user_type: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    archived: bool
    source_ip: str = ""


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One CloudTrail event, as far as correlation needs it.

    `access_key_id` is the key that signed the call; `issued_access_key_id` the key that an
    `AssumeRoot` handed out (empty for every other event).
    """

    id: str
    at: datetime
    name: str
    source: str
    region: str
    account: str
    principal_arn: str
    access_key_id: str
    issued_access_key_id: str = ""
    target_account: str = ""
    task_policy_arn: str = ""
    error_code: str = ""
