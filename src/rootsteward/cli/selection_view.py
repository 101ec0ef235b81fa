"""Shows which accounts were selected and left out, be they seven or ten thousand."""

from collections import Counter
from collections.abc import Sequence

from rootsteward.campaigns.select import Query, Selection
from rootsteward.cli.render import Column, Row, Screen
from rootsteward.cli.words import counted
from rootsteward.domain.organization import Account, Organization
from rootsteward.domain.outcome import LeftOut

# Up to so many accounts are listed one by one; beyond it they are counted.
_FEW = 10
# The most units or reasons that are listed, the largest first, and the ids named for a reason.
_MOST_LINES = 20
_EXAMPLES = 3

_ACCOUNT = Column("account", "account", fold=False)
_NAME = Column("name", "name")
_UNIT = Column("unit", "unit")
_COUNT = Column("accounts", "accounts", fold=False)


def show_selection(
    screen: Screen, organization: Organization, query: Query, selection: Selection
) -> None:
    """Say what was selected and what was left out; beside data, in lines on stderr.

    Few accounts are listed, many are counted by unit. Whoever asked for everything gets the
    number alone, as the result lists every account anyway.
    """
    chosen, total = len(selection.targets), len(organization.accounts)
    screen.say(f"selected: {chosen:,} of {counted(total, 'account')}")
    if screen.for_people:
        if query.narrows or chosen > _FEW:
            _show_targets(screen, organization, selection.targets)
        _show_left_out(screen, organization, selection.left_out)
        return
    for line in _left_out_lines(selection.left_out):
        screen.say(line)


def say_unseen(screen: Screen, selection: Selection) -> None:
    """Remind, at the end, of accounts of which nobody knows whether they were meant."""
    if selection.unseen:
        number = counted(len(selection.unseen), "account")
        screen.say(f"{number} could not be placed, because tags cannot be read; see above")


def _show_targets(screen: Screen, organization: Organization, targets: Sequence[Account]) -> None:
    if not targets:
        return
    if len(targets) > _FEW:
        screen.rows("Selected", (_UNIT, _COUNT), _by_unit(organization, targets))
        return
    rows: list[Row] = [
        {
            "account": str(account.id),
            "name": account.name,
            "unit": _unit_name(organization, account.parent_id),
        }
        for account in targets
    ]
    screen.rows("Selected", (_ACCOUNT, _NAME, _UNIT), rows)


def _by_unit(organization: Organization, targets: Sequence[Account]) -> list[Row]:
    """Units with the most accounts first; the rest in one row."""
    numbers = Counter(account.parent_id for account in targets).most_common()
    rows: list[Row] = [
        {"unit": _unit_name(organization, parent_id), "accounts": f"{number:,}"}
        for parent_id, number in numbers[:_MOST_LINES]
    ]
    if numbers[_MOST_LINES:]:
        rest = numbers[_MOST_LINES:]
        accounts = sum(number for _, number in rest)
        rows.append({"unit": counted(len(rest), "more unit"), "accounts": f"{accounts:,}"})
    return rows


def _unit_name(organization: Organization, parent_id: str) -> str:
    """The names from the org root down: `Root/Workloads/Prod`."""
    names: list[str] = []
    while parent_id != organization.org_root.id:
        unit = organization.unit_by_id[parent_id]
        names.append(unit.name)
        parent_id = unit.parent_id
    return "/".join((organization.label(parent_id), *reversed(names)))


def _show_left_out(screen: Screen, organization: Organization, left_out: Sequence[LeftOut]) -> None:
    if not left_out:
        return
    if len(left_out) > _FEW:
        _show_reasons(screen, left_out)
        return
    rows: list[Row] = [
        {
            "account": str(left.account),
            "name": organization.account(left.account).name,
            "reason": left.reason,
        }
        for left in left_out
    ]
    screen.rows("Left out", (_ACCOUNT, _NAME, Column("reason", "reason")), rows)


def _show_reasons(screen: Screen, left_out: Sequence[LeftOut]) -> None:
    rows: list[Row] = [
        {"reason": reason, "accounts": f"{len(accounts):,}", "which": _examples(accounts)}
        for reason, accounts in _by_reason(left_out)
    ]
    screen.rows("Left out", (Column("reason", "reason"), _COUNT, Column("which", "which")), rows)


def _left_out_lines(left_out: Sequence[LeftOut]) -> list[str]:
    if len(left_out) <= _FEW:
        return [f"left out: {left.account}: {left.reason}" for left in left_out]
    return [
        f"left out: {counted(len(accounts), 'account')}: {reason}: {_examples(accounts)}"
        for reason, accounts in _by_reason(left_out)
    ]


def _by_reason(left_out: Sequence[LeftOut]) -> list[tuple[str, list[str]]]:
    """Accounts by reason, the most frequent first; rare reasons together behind the others."""
    groups: dict[str, list[str]] = {}
    for left in left_out:
        groups.setdefault(left.reason, []).append(str(left.account))
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    shown, rest = ordered[:_MOST_LINES], ordered[_MOST_LINES:]
    if rest:
        others = [account for _, accounts in rest for account in accounts]
        shown.append((counted(len(rest), "other reason"), others))
    return shown


def _examples(accounts: Sequence[str]) -> str:
    more = len(accounts) - _EXAMPLES
    named = ", ".join(accounts[:_EXAMPLES])
    return f"{named} and {more:,} more" if more > 0 else named
