"""The selection stays readable, whether it holds three accounts or ten thousand."""

import io

import pytest
from rich.console import Console

from fake_gateway import CLOSED, MANAGEMENT, PROD, an_account, an_organization
from rootsteward.campaigns.select import Query, Selection
from rootsteward.cli.render import Format, Screen
from rootsteward.cli.selection_view import show_selection
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization, OrganizationalUnit, OrgRoot
from rootsteward.domain.outcome import LeftOut


def shown(organization: Organization, query: Query, selection: Selection) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_selection(Screen(Format.TABLE, out=console), organization, query, selection)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def a_large_organization(accounts: int, units: int) -> Organization:
    tree = an_organization()
    names = [f"a rather long name of a unit {number}" for number in range(units)]
    made = tuple(
        OrganizationalUnit(f"ou-ab12-{number:08}", name, "r-ab12")
        for number, name in enumerate(names)
    )
    members = tuple(
        an_account(AccountId(f"{number:012}"), f"member-{number}", made[number % units].id)
        for number in range(accounts)
    )
    return Organization(tree.id, MANAGEMENT, OrgRoot("r-ab12"), made, members)


def test_a_few_accounts_are_listed_with_their_units() -> None:
    tree = an_organization()
    few = Selection((tree.account(PROD),), (LeftOut(CLOSED, "its state is SUSPENDED"),))
    text = shown(tree, Query(names=("p*", "c*")), few)
    assert "selected: 1 of 5 accounts" in text
    assert f"{PROD}  prod  Root/Workloads/Prod" in text
    assert f"{CLOSED}  closed  its state is SUSPENDED" in text


def test_whoever_asked_for_all_of_a_few_gets_the_number() -> None:
    tree = an_organization()
    text = shown(tree, Query(everything=True), Selection(tree.accounts, ()))
    assert text.split("\n") == ["selected: 5 of 5 accounts", ""]


def test_ten_thousand_accounts_in_two_thousand_units_fit_on_a_page() -> None:
    tree = a_large_organization(10_000, 2_000)
    chosen, rest = tree.accounts[:6_000], tree.accounts[6_000:]
    left_out = [
        LeftOut(account.id, f"could not look: request {number}" if number < 50 else "excluded")
        for number, account in enumerate(rest)
    ]
    text = shown(tree, Query(everything=True), Selection(chosen, tuple(left_out)))
    lines = text.split("\n")
    assert max(map(len, lines)) <= 80
    assert len(lines) < 100
    assert "1,980 more units" in text
    assert "3,950" in text
    assert "31 other reasons" in text
    numbers = [line.split()[-1].replace(",", "") for line in lines if line.startswith("Root/")]
    more = [line.split()[-1].replace(",", "") for line in lines if "more units" in line]
    assert sum(map(int, numbers + more)) == 6_000


@pytest.mark.parametrize("number", [3, 500])
def test_beside_data_what_is_left_out_is_said_in_lines(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = a_large_organization(1_000, 2)
    left_out = tuple(LeftOut(account.id, "excluded") for account in tree.accounts[:number])
    selection = Selection(tree.accounts[number:], left_out)
    show_selection(Screen(Format.JSON), tree, Query(everything=True), selection)
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    if number == 3:
        assert lines[1:] == [f"left out: {left.account}: excluded" for left in left_out]
    else:
        named = ", ".join(left.account for left in left_out[:3])
        assert lines[1:] == [f"left out: 500 accounts: excluded: {named} and 497 more"]
