"""CloudTrail's state: what was called, by whom, in which account and Region.

An event is kept as the call itself; its JSON is written when somebody looks it up.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rootsteward.domain.identifiers import AccountId, Arn
from rootsteward.sandbox.call import Call, Output, ServiceError

# SOURCE: global services record in us-east-1 whatever Region signed the call (rule card TRAIL-02).
_GLOBAL_SERVICES = frozenset({"iam", "organizations"})
_GLOBAL_REGION = "us-east-1"

# SOURCE: CloudTrail user guide, data events: not in the event history (rule card TRAIL-04).
_DATA_EVENTS = frozenset(
    {
        ("s3", "PutObject"),
        ("s3", "GetObject"),
        ("s3", "HeadObject"),
        ("s3", "DeleteObject"),
        ("s3", "ListObjectsV2"),
        ("sqs", "SendMessage"),
        ("sqs", "ReceiveMessage"),
        ("sqs", "DeleteMessage"),
        ("sqs", "GetQueueAttributes"),
        ("sqs", "GetQueueUrl"),
        ("sqs", "ListQueueTags"),
        ("sqs", "ListQueues"),
    }
)
# A redirect is no answer of the bucket's Region, and nothing happened.
_UNRECORDED_ERRORS = frozenset({"PermanentRedirect"})
_READ_PREFIXES = ("Get", "List", "Describe", "Head", "Lookup")
_ISSUING = frozenset({"AssumeRole", "AssumeRoot"})
_SECRETS = frozenset({
    "SecretAccessKey", "Password", "OldPassword", "NewPassword", "Base32StringSeed", "QRCodePNG",
})  # fmt: skip

# LIMIT: the newest events of one account and Region; the real history is bounded by 90 days only.
MAX_EVENTS_PER_PLACE = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call and how it ended. `sequence` grows by one with every event of the sandbox.

    `response` is None where the real record has none: reads and refused calls. `recipient` is the
    account that sees it; with `shared` another account sees the call, too. `owner` is the account
    of the bucket that the call was about, when there was one.
    """

    sequence: int
    call: Call
    response: Output | None
    error_code: str
    error_message: str
    recipient: AccountId
    shared: bool = False
    owner: AccountId | None = None

    @property
    def is_copy(self) -> bool:
        """Whether it is what another account than the caller's sees of the call."""
        return self.recipient != self.call.caller.account

    @property
    def read_only(self) -> bool:
        """Whether the operation changes nothing."""
        return is_read_only(self.call.operation)


@dataclass(slots=True)
class Trail:
    """Event history by account and Region, oldest first."""

    _events: dict[tuple[AccountId, str], deque[Recorded]] = field(default_factory=dict)
    _sequence: int = 0

    def record(
        self,
        call: Call,
        *,
        output: Output | None = None,
        error: ServiceError | None = None,
        owner: AccountId | None = None,
    ) -> None:
        """Keep a call that was answered, with `output` or with `error`.

        The event goes to the caller's account: for `AssumeRoot` that of the management account
        or delegate, for an in-session action the member's (rule card TRAIL-01). Data events and
        redirects are not kept. A role of another account that was assumed is recorded there, too
        (rule card TRAIL-09). Secrets are left out.
        """
        if not is_management_event(call, error):
            return
        issues = call.operation in _ISSUING
        keeps_response = error is None and (issues or not is_read_only(call.operation))
        recipients = [call.caller.account, *_others_who_see(call, error)]
        recorded = Recorded(
            sequence=0,
            call=replace(call, params=_without_secrets(call.params)) if call.params else call,
            response=_without_secrets(output) if output and keeps_response else None,
            error_code=error.code if error else "",
            error_message=error.message if error else "",
            recipient=call.caller.account,
            shared=len(recipients) > 1,
            owner=owner,
        )
        for recipient in recipients:
            self._keep(recorded, recipient)

    def _keep(self, recorded: Recorded, recipient: AccountId) -> None:
        self._sequence += 1
        place = (recipient, event_region(recorded.call))
        self._events.setdefault(place, deque(maxlen=MAX_EVENTS_PER_PLACE)).append(
            replace(recorded, sequence=self._sequence, recipient=recipient)
        )

    def newest_first(self, account: AccountId, region: str) -> Iterator[Recorded]:
        """The history of one account and Region."""
        return reversed(self._events.get((account, region), deque()))


def _others_who_see(call: Call, error: ServiceError | None) -> Iterator[AccountId]:
    """SOURCE: rule card TRAIL-09: refused requests do not reach the role's account."""
    if call.operation == "AssumeRole" and error is None:
        owner = AccountId(Arn.parse(call.params["RoleArn"]).account)
        if owner != call.caller.account:
            yield owner


def event_region(call: Call) -> str:
    """The Region in which a call is recorded (rule card TRAIL-02)."""
    return _GLOBAL_REGION if call.service in _GLOBAL_SERVICES else call.region


def is_read_only(operation: str) -> bool:
    """Whether the operation changes nothing, by its name."""
    return operation.startswith(_READ_PREFIXES) or operation in _ISSUING


def is_management_event(call: Call, error: ServiceError | None) -> bool:
    """Whether a call is no redirect, and not about what is inside a bucket or queue."""
    if (call.service, call.operation) in _DATA_EVENTS:
        return False
    return error is None or error.code not in _UNRECORDED_ERRORS


def _without_secrets(members: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which no secret is left, at any depth of structures."""
    return {
        name: _without_secrets(value) if isinstance(value, Mapping) else value
        for name, value in members.items()
        if name not in _SECRETS
    }
