from dataclasses import replace

import pytest

from fake_gateway import CLOSED, DEV, MANAGEMENT, PROD, SHOP, an_organization
from rootsteward.campaigns.account_list import Listed
from rootsteward.campaigns.select import (
    NO_PROTECTION,
    Protection,
    Query,
    Selection,
    accounts_to_tag,
    select,
)
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState, OrganizationalUnit
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Seen


def chosen(
    query: Query, protection: Protection = NO_PROTECTION
) -> tuple[list[str], dict[str, str]]:
    selection = select(an_organization(), query, protection)
    return (
        [account.id for account in selection.targets],
        {left.account: left.reason for left in selection.left_out},
    )


def test_everything_is_every_active_member_and_the_rest_has_a_reason() -> None:
    assert chosen(Query(everything=True)) == (
        [DEV, PROD, SHOP],
        {
            MANAGEMENT: "the management account is never a target",
            CLOSED: "its state is SUSPENDED",
        },
    )


def test_the_management_account_is_no_target_even_when_named() -> None:
    assert chosen(Query(accounts=(MANAGEMENT,)))[0] == []


def test_a_unit_holds_everything_below_it() -> None:
    assert chosen(Query(units=("Workloads",)))[0] == [DEV, PROD, SHOP]
    assert chosen(Query(units=("ou-ab12-prod0000",)))[0] == [PROD, SHOP]
    assert chosen(Query(units=("r-ab12",)))[0] == [DEV, PROD, SHOP]


def test_options_of_one_kind_widen() -> None:
    assert chosen(Query(accounts=(PROD, DEV)))[0] == [DEV, PROD]
    assert chosen(Query(names=("d*", "shop")))[0] == [DEV, SHOP]


def test_options_of_different_kinds_narrow() -> None:
    assert chosen(Query(units=("Prod",), names=("s*",)))[0] == [SHOP]


def test_an_account_that_was_named_and_not_selected_says_why() -> None:
    assert chosen(Query(accounts=(DEV,), units=("Prod",))) == ([], {DEV: "not selected by --ou"})


@pytest.mark.parametrize(
    ("query", "option"),
    [
        (Query(everything=True, exclude_accounts=(PROD, SHOP)), "--exclude"),
        (Query(everything=True, exclude_units=("Prod",)), "--exclude-ou"),
        (Query(everything=True, exclude_names=("prod", "sh?p")), "--exclude-name"),
    ],
)
def test_what_is_excluded_is_left_out(query: Query, option: str) -> None:
    targets, left_out = chosen(query)
    assert targets == [DEV]
    assert left_out[PROD] == left_out[SHOP] == f"excluded by {option}"


def test_excluding_alone_selects_nothing() -> None:
    with pytest.raises(InputError, match="no accounts were selected"):
        chosen(Query(exclude_names=("prod",)))


def test_accounts_in_a_state_that_was_asked_for_are_looked_at() -> None:
    suspended = (AccountState.SUSPENDED,)
    assert chosen(Query(everything=True, states=suspended))[0] == [CLOSED]
    both = (AccountState.ACTIVE, AccountState.SUSPENDED)
    assert chosen(Query(everything=True, states=both))[0] == [DEV, PROD, SHOP, CLOSED]
    assert chosen(Query(accounts=(DEV,), states=suspended)) == (
        [],
        {DEV: "not selected by --state"},
    )


def test_listed_accounts_are_of_one_kind_with_named_ones() -> None:
    listed = (Listed(SHOP, "list:1"), Listed(SHOP, "list:2"), Listed(CLOSED, "list:3"))
    targets, left_out = chosen(Query(accounts=(DEV,), listed=listed))
    assert targets == [DEV, SHOP]
    assert left_out == {CLOSED: "its state is SUSPENDED"}


def test_a_listed_account_of_another_organization_is_named_with_its_line() -> None:
    with pytest.raises(InputError, match=r"list:7: account `999999999999` is not in organization"):
        chosen(Query(listed=(Listed(AccountId("999999999999"), "list:7"),)))


def test_options_that_together_select_nothing_are_an_error() -> None:
    with pytest.raises(InputError, match="the options together select no account"):
        chosen(Query(units=("Prod",), names=("dev",)))


@pytest.mark.parametrize("protection", [Protection((PROD, SHOP)), Protection((), ("Prod",))])
def test_what_is_protected_is_left_out_even_when_named(protection: Protection) -> None:
    targets, left_out = chosen(Query(accounts=(PROD, SHOP, DEV)), protection)
    assert targets == [DEV]
    assert left_out == dict.fromkeys((PROD, SHOP), "protected by the configuration")


UNREADABLE = NotSeen(NotSeenReason.DENIED, "not authorized")


def by_tags(query: Query, **tags: dict[str, str] | NotSeen) -> Selection:
    """A selection after the tags that it needs were read: by the account's name."""
    tree = an_organization()
    read = {
        account.id: seen if isinstance(seen, NotSeen) else Seen(seen, Basis.LISTED)
        for account in accounts_to_tag(tree, query)
        for seen in [tags.get(account.name, {})]
    }
    return select(tree, query, tags=read)


def test_accounts_are_selected_by_tag() -> None:
    query = Query(tags=(("env", "dev"), ("env", "shop")))
    selection = by_tags(query, dev={"env": "dev"}, shop={"env": "shop"}, prod={"env": "prod"})
    assert [account.id for account in selection.targets] == [DEV, SHOP]


def test_accounts_with_a_tag_are_excluded() -> None:
    query = Query(everything=True, exclude_tags=(("keep", "yes"),))
    selection = by_tags(query, prod={"keep": "yes"}, shop={"keep": "no"})
    assert [account.id for account in selection.targets] == [DEV, SHOP]
    reasons = {left.account: left.reason for left in selection.left_out}
    assert reasons[PROD] == "excluded by --exclude-tag"


def test_tags_are_read_only_where_everything_else_leaves_an_account_in() -> None:
    query = Query(
        units=("Workloads",),
        tags=(("env", "dev"),),
        exclude_names=("shop",),
        exclude_tags=(("keep", "yes"),),
    )
    asked = accounts_to_tag(an_organization(), query, Protection((PROD,)))
    assert [account.id for account in asked] == [DEV]
    assert accounts_to_tag(an_organization(), Query(everything=True)) == ()


@pytest.mark.parametrize(
    "query",
    [
        Query(tags=(("env", "dev"),)),
        Query(everything=True, exclude_tags=(("env", "dev"),)),
        Query(tags=(("env", "never seen"),)),
    ],
)
def test_an_account_whose_tags_cannot_be_read_is_neither_in_nor_forgotten(query: Query) -> None:
    selection = by_tags(query, dev={"env": "dev"}, prod=UNREADABLE)
    assert PROD not in {account.id for account in selection.targets}
    (unseen,) = selection.unseen
    assert unseen.account == PROD
    assert unseen.reason == "could not look: its tags cannot be read: not authorized"


def test_a_named_account_without_the_tag_says_why() -> None:
    selection = by_tags(Query(accounts=(DEV, PROD), tags=(("env", "dev"),)), dev={"env": "dev"})
    assert [(left.account, left.reason) for left in selection.left_out] == [
        (PROD, "not selected by --tag")
    ]


@pytest.mark.parametrize(
    "query",
    [Query(tags=(("env", "x"),)), Query(everything=True, exclude_tags=(("env", "x"),))],
)
def test_a_tag_that_nobody_has_is_an_error(query: Query) -> None:
    with pytest.raises(InputError, match="has the tag `env=x`"):
        by_tags(query, dev={"env": "dev"})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(), "no accounts were selected"),
        (Query(accounts=("12",)), "`12` is not an account id"),
        (Query(accounts=("999999999999",)), "`999999999999` is not in organization"),
        (Query(everything=True, exclude_accounts=("999999999999",)), "is not in organization"),
        (Query(units=("Produ",)), "there is no organizational unit `Produ`"),
        (Query(names=("x*",)), "no account has a name like `x\\*`"),
        (Query(everything=True, exclude_names=("x*",)), "no account has a name like"),
    ],
)
def test_a_typo_never_selects_less_in_silence(query: Query, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chosen(query)


def test_a_protected_account_with_a_typo_is_an_error_too() -> None:
    with pytest.raises(InputError, match="is not in organization"):
        chosen(Query(everything=True), Protection(("999999999999",)))


def test_an_ambiguous_unit_name_lists_the_ids() -> None:
    tree = an_organization()
    twin = OrganizationalUnit("ou-ab12-twin0000", "Prod", "r-ab12")
    with pytest.raises(InputError, match="2 organizational units are named `Prod`") as caught:
        select(replace(tree, units=(*tree.units, twin)), Query(units=("Prod",)))
    assert "ou-ab12-prod0000, ou-ab12-twin0000" in caught.value.help
