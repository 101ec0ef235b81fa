import pytest

from rootsteward.campaigns.account_list import parse_account_list
from rootsteward.domain.errors import InputError


def parsed(text: str) -> list[tuple[str, str]]:
    return [(each.account, each.where) for each in parse_account_list(text, "list")]


def test_one_id_a_line_with_remarks_and_blank_lines() -> None:
    text = "# ours\n\n111111111111  # dev\r\n  222222222222\n111111111111"
    assert parsed(text) == [
        ("111111111111", "list:3"),
        ("222222222222", "list:4"),
        ("111111111111", "list:5"),
    ]


def test_the_account_column_of_csv_wherever_it_stands() -> None:
    text = "\ufeffname, account\ndev,111111111111\nprod,222222222222\n"
    assert parsed(text) == [("111111111111", "list:2"), ("222222222222", "list:3")]


def test_a_cell_of_several_lines_does_not_shift_the_line_numbers() -> None:
    text = 'account,details\n111111111111,"one\ntwo"\n22,x\n'
    with pytest.raises(InputError, match="list:4: `22` is not an account id"):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("111111111111\n12345\n", "list:2: `12345` is not an account id"),
        ("111111111111 222222222222\n", "list:1: `111111111111 222222222222` is not"),
        ("id,name\n111111111111,dev\n", "list:1: `id,name` is not an account id"),
        ("name,account\ndev\n", "list:2: `` is not an account id"),
        ('account,name\n111111111111,"dev\n', "list:2: this is no CSV"),
        ("1" * 200_000, "list:1: `1{60}` is not"),
        ("", "list: there is no account in it"),
        ("# nothing\n", "list: there is no account in it"),
        ("account\n", "list: there is no account in it"),
    ],
)
def test_errors_name_the_file_and_the_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parsed(text)
    assert "one account id a line, or CSV with a column `account`" in caught.value.help
