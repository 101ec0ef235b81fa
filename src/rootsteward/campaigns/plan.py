"""A plan: who, what, on which evidence, with what in its wake. Plain data, and its file's text.

INVARIANT: a plan never changes. Its id follows from everything in it, so an edited plan has
another id, and whoever approved the one has not approved the other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from rootsteward.campaigns.facts import Facts
from rootsteward.campaigns.planned import PlannedItem, item_from_json
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import LeftOut
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.guardduty.expect import ExpectedFinding, PlannedCall, expect
from rootsteward.operations.json_fields import (
    FieldError,
    Fields,
    account_id,
    check_format,
    list_of,
    mapping_of,
    moment,
    text,
)
from rootsteward.operations.json_text import parse_json, to_lines
from rootsteward.operations.record import caller_as_json, caller_from_json, digest, time_as_json
from rootsteward.ports.journal import JsonValue

FORMAT = "rootsteward-plan"
VERSION = 1
_NEWER = "apply it with the rootsteward that made it, or make it again"
_WRITER = "name a file that a command wrote with `--plan FILE`"
_BROKEN = frozenset({"items", "left_out", "facts"})


@dataclass(frozen=True)
class Plan:
    """What `apply` would do, for one verb.

    `asked` is the command as it was typed. `items` keep the verb's order; those that do not act
    are in it too, so that every account that was selected is accounted for.
    """

    slug: str
    made_at: datetime
    made_by: CallerIdentity
    organization_id: str
    asked: str
    facts: Facts
    items: tuple[PlannedItem, ...]
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits that follow from everything else."""
        return digest(self._body)

    @property
    def acting(self) -> tuple[PlannedItem, ...]:
        """The items in which something would be done."""
        return tuple(item for item in self.items if item.acts)

    @property
    def calls(self) -> Mapping[str, int]:
        """How often each API call is expected, most often first."""
        counts = Counter(call for item in self.items for call in item.calls)
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def findings(self, regions_with_guardduty: Sequence[str]) -> tuple[ExpectedFinding, ...]:
        """The GuardDuty findings that the calls inside root sessions are expected to raise."""
        return expect(
            (
                PlannedCall(AccountId(item.key), call)
                for item in self.acting
                for call in item.calls
                if call.startswith("iam:") and item.key.isdigit()
            ),
            regions_with_guardduty,
        )

    def to_text(self) -> str:
        """The plan file: UTF-8 JSON, an item a line.

        What is expected follows from the items, and is written for whoever reads the file.
        """
        expected: dict[str, JsonValue] = {
            "api_calls": dict(self.calls),
            "findings_in_each_region": dict(
                Counter(finding.type for finding in self.findings(("each",)))
            ),
        }
        return to_lines({**self._body, "expected": expected, "id": self.id}, broken=_BROKEN)

    @cached_property
    def _body(self) -> dict[str, JsonValue]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "operation": self.slug,
            "made_at": time_as_json(self.made_at),
            "made_by": caller_as_json(self.made_by),
            "organization_id": self.organization_id,
            "asked": self.asked,
            "facts": dict(self.facts),
            "items": [item.as_json() for item in self.items],
            "left_out": [
                {"account": left.account, "reason": left.reason} for left in self.left_out
            ],
        }


def plan_from_text(document: bytes, name: str) -> Plan:
    """Read a plan file; `name` is what errors call it.

    Raises:
        InputError: it is no plan, of a newer version, damaged, or was edited by hand.
    """
    try:
        fields = Fields(parse_json(document, "plan", name, _WRITER))
        check_format(fields, "plan", name, (FORMAT, VERSION), _NEWER)
        plan = _plan(fields)
        stated = fields.read("id", text)
    except FieldError as error:
        where = f": field `{error.place}`" if error.place else ""
        raise InputError(f"plan `{name}`{where} {error.problem}", help=_WRITER) from error
    if stated != plan.id:
        raise InputError(
            f"plan `{name}` was changed after it was made: its contents do not give id `{stated}`",
            help="make the plan again; what it does is chosen by options, not by editing",
        )
    return plan


def _plan(fields: Fields) -> Plan:
    return Plan(
        slug=fields.read("operation", text),
        made_at=fields.read("made_at", moment),
        made_by=fields.read("made_by", caller_from_json),
        organization_id=fields.read("organization_id", text),
        asked=fields.read("asked", text),
        facts=fields.read("facts", mapping_of(text)),
        items=fields.read("items", list_of(item_from_json)),
        left_out=fields.read("left_out", list_of(_left_out)),
    )


def _left_out(value: object) -> LeftOut:
    fields = Fields(value)
    return LeftOut(fields.read("account", account_id), fields.read("reason", text))
