"""Edits keep everything that they do not touch."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rootsteward.domain.authorization import NamedDocument
from rootsteward.policy.json_reader import JsonArray
from rootsteward.policy.repair.change import read_scp
from rootsteward.policy.repair.edit import Edit, Editor, apply_edits
from rootsteward.policy.repair.json_style import minify
from rootsteward.policy.repair.repair import Style
from rootsteward.policy.repair.styles import CannotWrite, write_deny

INDENTED = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "NoRoot",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "StringLike": {
                    "aws:PrincipalArn": "arn:aws:iam::*:root"
                }
            }
        }
    ]
}
"""
TABBED = INDENTED.replace("    ", "\t")
MINIFIED = minify(INDENTED)
SPACED = json.dumps(json.loads(INDENTED))
WINDOWS = INDENTED.replace("\n", "\r\n")


def after(text: str, style: Style, *actions: str) -> str:
    editor = Editor(read_scp(NamedDocument("policy", text)))
    refused = write_deny(editor, editor.document.statements[0], style, actions or ("iam:GetUser",))
    assert refused is None, refused
    return editor.result()


def refusal(text: str, style: Style, *actions: str) -> str:
    editor = Editor(read_scp(NamedDocument("policy", text)))
    refused = write_deny(editor, editor.document.statements[0], style, actions or ("iam:GetUser",))
    assert isinstance(refused, CannotWrite)
    return refused.reason


def statement(**parts: object) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Resource": "*", **parts}]}
    )


def first(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)["Statement"][0]
    return found


def test_a_condition_is_added_in_the_layout_of_the_document() -> None:
    deep = " " * 16
    old = f'"arn:aws:iam::*:root"\n{deep}}}'
    added = f',\n{deep}"Null": {{\n{deep}    "aws:AssumedRoot": "true"\n{deep}}}'
    assert after(INDENTED, Style.SESSION_ONLY) == INDENTED.replace(old, old + added)


def test_tabs_stay_tabs() -> None:
    assert '\n\t\t\t\t"Null": {\n\t\t\t\t\t"aws:AssumedRoot": "true"' in after(
        TABBED, Style.SESSION_ONLY
    )


def test_a_minified_document_stays_minified() -> None:
    assert after(MINIFIED, Style.SESSION_ONLY).endswith(',"Null":{"aws:AssumedRoot":"true"}}}]}')


def test_a_document_on_one_line_keeps_its_spaces() -> None:
    assert after(SPACED, Style.SESSION_ONLY).endswith(', "Null": {"aws:AssumedRoot": "true"}}}]}')


PADDED = """{ "Version" : "2012-10-17",
  "Statement" : [
    { "Effect" : "Deny", "Action" : [ "*" ], "Resource" : "*",
      "Condition" : { "StringLike" : { "aws:PrincipalArn" : [ "arn:aws:iam::*:root" ] } } } ] }
"""


def test_spaces_around_colons_and_inside_brackets_are_kept_up() -> None:
    old = '"Null" : { "aws:AssumedRoot" : "true" }'
    assert f", {old} }} }}" in after(PADDED, Style.SESSION_ONLY)
    assert '"NotAction" : [ "iam:GetUser" ]' in after(PADDED, Style.NOT_ACTION)


def test_line_ends_of_another_system_are_kept() -> None:
    new = after(WINDOWS, Style.SESSION_AND_TASK)
    assert new.count("\n") == new.count("\r\n")


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("text", [INDENTED, TABBED, MINIFIED, SPACED, WINDOWS])
def test_all_layouts_say_the_same_after_an_edit(text: str, style: Style) -> None:
    assert json.loads(after(text, style)) == json.loads(after(INDENTED, style))


def test_a_null_block_that_is_there_is_added_to() -> None:
    text = statement(Action="*", Condition={"Null": {"aws:TokenIssueTime": "true"}})
    condition = first(after(text, Style.SESSION_ONLY))["Condition"]
    assert condition == {"Null": {"aws:TokenIssueTime": "true", "aws:AssumedRoot": "true"}}


def test_a_statement_without_condition_gets_one() -> None:
    new = after(statement(Action="*"), Style.SESSION_ONLY)
    assert first(new)["Condition"] == {"Null": {"aws:AssumedRoot": "true"}}


def test_an_empty_condition_is_filled() -> None:
    new = after(statement(Action="*", Condition={}), Style.SESSION_ONLY)
    assert first(new)["Condition"] == {"Null": {"aws:AssumedRoot": "true"}}


def test_a_deny_that_is_meant_for_sessions_is_not_turned_round() -> None:
    text = statement(Action="*", Condition={"Null": {"aws:AssumedRoot": "false"}})
    assert "hits root sessions" in refusal(text, Style.SESSION_ONLY)


def test_the_root_user_joins_a_list_of_exceptions() -> None:
    admin = "arn:aws:iam::*:role/Admin"
    text = statement(Action="*", Condition={"StringNotLike": {"aws:PrincipalARN": admin}})
    condition = first(after(text, Style.EXCEPT_ROOT))["Condition"]
    assert condition == {"StringNotLike": {"aws:PrincipalARN": [admin, "arn:aws:iam::*:root"]}}


def test_an_exception_with_if_exists_is_left_alone_and_another_is_added() -> None:
    there = {"ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}
    condition = first(after(statement(Action="*", Condition=there), Style.EXCEPT_ROOT))["Condition"]
    assert condition == {**there, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def test_a_star_becomes_everything_but_the_tasks() -> None:
    new = first(after(statement(Action="*"), Style.NOT_ACTION, "iam:GetUser", "iam:ListMFADevices"))
    assert new["NotAction"] == ["iam:GetUser", "iam:ListMFADevices"]
    assert "Action" not in new


def test_a_list_of_exceptions_grows_by_what_it_lacks() -> None:
    text = statement(NotAction=["iam:Get*"])
    new = first(after(text, Style.NOT_ACTION, "iam:GetUser", "iam:ListMFADevices"))
    assert new["NotAction"] == ["iam:Get*", "iam:ListMFADevices"]


def test_one_exception_becomes_a_list() -> None:
    new = first(after(statement(NotAction="sts:*"), Style.NOT_ACTION, "iam:GetUser"))
    assert new["NotAction"] == ["sts:*", "iam:GetUser"]


def test_task_actions_are_taken_out_of_a_list() -> None:
    text = statement(Action=["iam:CreateUser", "iam:GETUSER", "iam:DeleteUser"])
    new = first(after(text, Style.NOT_ACTION, "iam:GetUser"))
    assert new["Action"] == ["iam:CreateUser", "iam:DeleteUser"]


def test_a_list_that_would_be_empty_is_refused() -> None:
    assert "go altogether" in refusal(statement(Action=["iam:GetUser"]), Style.NOT_ACTION)


def test_a_wildcard_cannot_lose_one_action() -> None:
    assert "`iam:Get*` covers more" in refusal(statement(Action="iam:Get*"), Style.NOT_ACTION)


def test_the_second_statement_follows_the_first_and_has_a_sid_of_its_own() -> None:
    statements = json.loads(after(INDENTED, Style.SESSION_AND_TASK))["Statement"]
    assert [s["Sid"] for s in statements] == ["NoRoot", "NoRootAndTasksOnly"]
    assert statements[1]["NotAction"] == ["iam:GetUser"]
    assert statements[1]["Condition"] == json.loads(INDENTED)["Statement"][0]["Condition"]


def test_no_second_statement_where_the_first_denies_tasks_only() -> None:
    new = after(statement(Action="iam:GetUser"), Style.SESSION_AND_TASK)
    assert len(json.loads(new)["Statement"]) == 1


def test_a_lone_statement_becomes_a_list_of_two() -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    assert len(json.loads(after(text, Style.SESSION_AND_TASK))["Statement"]) == 2


def test_edits_at_one_place_keep_their_order() -> None:
    assert apply_edits("ac", [Edit(1, 1, "x"), Edit(1, 1, "y"), Edit(0, 1, "b")]) == "bxyc"


def test_minifying_leaves_strings_alone() -> None:
    assert minify('{ "a b" : "c \\" d" }') == '{"a b":"c \\" d"}'


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True),
    st.sampled_from([None, 2]),
)
def test_any_items_can_be_kept(kept: list[int], indent: int | None) -> None:
    names = [f"iam:Action{i}" for i in range(6)]
    policy = {"Statement": [{"Effect": "Deny", "Action": names, "Resource": "*"}]}
    editor = Editor(read_scp(NamedDocument("policy", json.dumps(policy, indent=indent))))
    member = editor.document.statements[0].node.member("Action")
    assert member is not None
    assert isinstance(member.value, JsonArray)
    editor.keep_items(member.value, kept)
    assert first(editor.result())["Action"] == [names[i] for i in sorted(kept)]
