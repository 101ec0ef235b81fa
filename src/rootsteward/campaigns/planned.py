"""One thing to do and how it ended, in the same shape for every verb. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import RootCredentials
from rootsteward.operations.json_fields import (
    Fields,
    flag,
    json_object,
    list_of,
    number,
    one_of,
    optional,
    text,
)
from rootsteward.operations.record import (
    blamed_as_json,
    blamed_from_json,
    credentials_as_json,
    credentials_from_json,
)
from rootsteward.ports.journal import JsonValue


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One account, policy or resource of a plan.

    `key` is what no other campaign may touch meanwhile: an account id, a policy id, an ARN. `place`
    are the names of the units above an account, such as `Workloads / Prod`, or empty.
    `intention` and `details` are the verb's words for people. `calls` are the actions expected
    when all goes well, in order, as policies name them. `acts` is False when nothing would be
    done; then there are no calls. `body` is what the verb needs to act. `diff` is the change of a
    text, or empty. `preflight` says whether the control policies let the task through: `allowed`,
    or a line for each reason why not; empty when nobody asked.
    """

    key: str
    name: str
    acts: bool
    intention: str
    details: tuple[str, ...]
    calls: tuple[str, ...]
    body: Mapping[str, JsonValue] = field(repr=False)
    place: str = ""
    diff: str = ""
    preflight: tuple[str, ...] = ()

    def as_json(self) -> dict[str, JsonValue]:
        """As the plan file keeps it."""
        return {
            "key": self.key,
            "name": self.name,
            "place": self.place,
            "acts": self.acts,
            "intention": self.intention,
            "details": [*self.details],
            "calls": [*self.calls],
            "diff": self.diff,
            "preflight": [*self.preflight],
            "body": dict(self.body),
        }


def account_of(item: PlannedItem) -> str:
    """The account that an item is about; its key where that is none's resource."""
    resource = item.body.get("resource")
    return str(resource.get("account")) if isinstance(resource, dict) else item.key


def item_from_json(value: object) -> PlannedItem:
    """What `PlannedItem.as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return PlannedItem(
        key=fields.read("key", text),
        name=fields.read("name", text),
        acts=fields.read("acts", flag),
        intention=fields.read("intention", text),
        details=fields.read("details", list_of(text)),
        calls=fields.read("calls", list_of(text)),
        body=fields.read("body", json_object),
        place=fields.read("place", text),
        diff=fields.read("diff", text),
        preflight=fields.read("preflight", list_of(text)),
    )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How an item ended, and what that rests on.

    `before` and `after` are what was seen of an account's credentials; `sessions` the access key
    ids of the root sessions used; `backup` finds a policy's old text again. `denied_by` names the
    `blamed` statements in the words of the organization at that time. `seconds` is how long the
    step took.
    """

    outcome: Outcome
    detail: str = ""
    blamed: tuple[DecidedBy, ...] = ()
    sessions: tuple[str, ...] = ()
    before: RootCredentials | None = None
    after: RootCredentials | None = None
    backup: str = ""
    denied_by: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, JsonValue]:
        """As the database keeps it."""
        return {
            "outcome": self.outcome.value,
            "detail": self.detail,
            "blamed": [blamed_as_json(by) for by in self.blamed],
            "sessions": [*self.sessions],
            "before": credentials_as_json(self.before),
            "after": credentials_as_json(self.after),
            "backup": self.backup,
            "denied_by": [*self.denied_by],
            "seconds": self.seconds,
        }


def result_from_json(value: object) -> ItemResult:
    """What `ItemResult.as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return ItemResult(
        outcome=fields.read("outcome", one_of(Outcome)),
        detail=fields.read("detail", text),
        blamed=fields.read("blamed", list_of(blamed_from_json)),
        sessions=fields.read("sessions", list_of(text)),
        before=fields.read("before", optional(credentials_from_json)),
        after=fields.read("after", optional(credentials_from_json)),
        backup=fields.read("backup", text),
        denied_by=fields.read("denied_by", list_of(text)),
        seconds=fields.read("seconds", number),
    )


def of_account(result: AccountResult) -> ItemResult:
    """The result of a step on one account."""
    return ItemResult(
        result.outcome,
        result.detail,
        result.blamed,
        result.session_keys,
        result.before,
        result.after,
    )
