from rootsteward.cli.plan_view import noted
from rootsteward.cli.render import Footnotes

LONG = "User: arn:aws:iam::222222222222:root is not authorized to perform: iam:GetAccountSummary"


def test_long_reasons_stand_below_and_once_for_all_accounts() -> None:
    notes = Footnotes()
    rows = [
        noted(
            {"account": account, "detail": ["short", LONG.replace("2" * 12, account)]},
            "account",
            "detail",
            40,
            notes,
        )
        for account in ("222222222222", "333333333333")
    ]
    assert [row["detail"] for row in rows] == [["short", "[1]"], ["short", "[1]"]]


def test_what_is_short_stays_in_the_table() -> None:
    row = {"account": "222222222222", "detail": ["no root credentials"]}
    assert noted(row, "account", "detail", 40, Footnotes()) == row
