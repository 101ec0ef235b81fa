from dataclasses import replace

import pytest

from fake_gateway import CLOSED, DEV, MANAGEMENT, PROD, SHOP, an_organization
from rootsteward.campaigns.select import NO_PROTECTION, Protection, Query, select
from rootsteward.domain.errors import InputError
from rootsteward.domain.organization import OrganizationalUnit


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
    "query",
    [
        Query(everything=True, exclude_accounts=(PROD, SHOP)),
        Query(everything=True, exclude_units=("Prod",)),
        Query(everything=True, exclude_names=("prod", "sh?p")),
    ],
)
def test_what_is_excluded_is_left_out(query: Query) -> None:
    targets, left_out = chosen(query)
    assert targets == [DEV]
    assert left_out[PROD] == left_out[SHOP] == "excluded"


@pytest.mark.parametrize("protection", [Protection((PROD, SHOP)), Protection((), ("Prod",))])
def test_what_is_protected_is_left_out_even_when_named(protection: Protection) -> None:
    targets, left_out = chosen(Query(accounts=(PROD, SHOP, DEV)), protection)
    assert targets == [DEV]
    assert left_out == dict.fromkeys((PROD, SHOP), "protected by the configuration")


def test_accounts_are_selected_by_tag() -> None:
    tree = an_organization()
    tagged = replace(tree, accounts=tuple(replace(a, tags={"env": a.name}) for a in tree.accounts))
    selection = select(tagged, Query(tags=(("env", "dev"), ("env", "shop"))))
    assert [account.id for account in selection.targets] == [DEV, SHOP]


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
        (Query(tags=(("env", "dev"),)), "no account has the tag `env=dev`"),
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
