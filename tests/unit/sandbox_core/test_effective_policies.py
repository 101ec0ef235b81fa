"""Tag, backup and the other policies that are merged along the tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.sandbox.world.control_policies import OPT_OUT_POLICY, TAG_POLICY
from rootsteward.sandbox.world.effective_policies import merged, merged_tags
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, UNIT

if TYPE_CHECKING:
    from sandbox_bench import Bench

ORGANIZATIONS = "organizations"


def tag(key: str, values: list[str], *, operator: str = "@@assign", **more: Any) -> dict[str, Any]:  # noqa: ANN401 (settings)
    return {"tags": {key: {"tag_value": {operator: values}, **more}}}


def attach(bench: Bench, target: str, document: object, kind: str = TAG_POLICY) -> str:
    policies = bench.world.organization.policies
    if kind not in policies.enabled_types:
        root = bench.world.organization.org_root_id
        bench.call(ORGANIZATIONS, "EnablePolicyType", RootId=root, PolicyType=kind)
    made = bench.call(
        ORGANIZATIONS,
        "CreatePolicy",
        Name=f"policy-{len(policies.policies)}",
        Description="",
        Type=kind,
        Content=json.dumps(document),
    )
    policy_id: str = made["Policy"]["PolicySummary"]["Id"]
    bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=target)
    return policy_id


def effective(bench: Bench, target: str = MEMBER, kind: str = TAG_POLICY) -> Any:  # noqa: ANN401 (JSON)
    answer = bench.call(ORGANIZATIONS, "DescribeEffectivePolicy", PolicyType=kind, TargetId=target)[
        "EffectivePolicy"
    ]
    assert answer.keys() == {"PolicyContent", "LastUpdatedTimestamp", "TargetId", "PolicyType"}
    assert (answer["TargetId"], answer["PolicyType"]) == (target, kind)
    return json.loads(answer["PolicyContent"])


def test_policies_add_up_along_the_tree(bench: Bench) -> None:
    root = bench.world.organization.org_root_id
    attach(bench, root, tag("CostCenter", ["100"], tag_key={"@@assign": "CostCenter"}))
    attach(bench, UNIT, tag("costcenter", ["200"], operator="@@append"))
    attach(bench, MEMBER, tag("Project", ["a"]))
    assert effective(bench) == {
        "tags": {
            "costcenter": {"tag_key": "CostCenter", "tag_value": ["100", "200"]},
            "project": {"tag_key": "project", "tag_value": ["a"]},
        }
    }
    assert effective(bench, DELEGATE)["tags"]["costcenter"]["tag_value"] == ["100"]


def test_operators_do_what_they_say() -> None:
    levels = [[tag("k", ["1", "2"])], [tag("k", ["2"], operator="@@remove")], [tag("k", ["3"])]]
    assert merged(levels[:2]) == {"tags": {"k": {"tag_value": ["1"]}}}
    assert merged(levels) == {"tags": {"k": {"tag_value": ["3"]}}}


@pytest.mark.parametrize(
    ("allowed", "wanted"),
    [
        (["@@none"], ["1"]),
        (["@@append"], ["1", "3"]),
        (["@@all"], ["2", "3"]),
        (["@@assign"], ["2"]),
    ],
)
def test_a_level_says_what_its_children_may(allowed: list[str], wanted: list[str]) -> None:
    parent = tag("k", ["1"])
    parent["tags"]["k"]["tag_value"]["@@operators_allowed_for_child_policies"] = allowed
    children = [[tag("k", ["2"])], [tag("k", ["3"], operator="@@append")]]
    assert merged([[parent], *children]) == {"tags": {"k": {"tag_value": wanted}}}


def test_what_a_level_says_of_a_setting_leaves_what_is_in_it_free() -> None:
    parent = tag("k", ["1"])
    parent["tags"]["k"]["@@operators_allowed_for_child_policies"] = ["@@none"]
    child = tag("k", ["2"], enforced_for={"@@assign": ["sqs:queue"]})
    assert merged([[parent], [child]]) == {"tags": {"k": {"tag_value": ["2"]}}}


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [
        ([("@@assign", ["1"]), ("@@assign", ["2"])], ["1"]),
        ([("@@append", ["1"]), ("@@assign", ["2"])], ["2", "1"]),
        ([("@@append", ["1"]), ("@@append", ["2", "1"])], ["1", "2"]),
        ([("@@remove", ["1"]), ("@@append", ["1"])], []),
    ],
)
def test_within_a_level_values_are_assigned_then_appended_then_removed(
    policies: list[tuple[str, list[str]]], wanted: list[str]
) -> None:
    level = [tag("k", values, operator=operator) for operator, values in policies]
    assert merged([level]) == {"tags": {"k": {"tag_value": wanted}}}


def test_one_policy_may_do_all_three() -> None:
    own = {"@@assign": ["1"], "@@append": ["2"], "@@remove": ["1"]}
    child = {"tags": {"k": {"tag_value": own}}}
    assert merged([[tag("k", ["8", "9"])], [child]]) == {"tags": {"k": {"tag_value": ["2"]}}}


@pytest.mark.parametrize(
    ("levels", "values"),
    [
        ([{}], ["*"]),
        ([{"tag_value": {"@@remove": ["1"]}}], ["*"]),
        ([{"tag_value": {"@@assign": ["1"]}}, {"tag_value": {"@@remove": ["1"]}}], []),
        ([{"tag_value": {"@@assign": [12, True, None]}}], ["12", "true", "null"]),
        (
            [{"tag_value": {"@@assign": [12]}}, {"tag_value": {"@@append": ["12", 13]}}],
            ["12", "13"],
        ),
    ],
)
def test_a_tag_has_any_value_unless_said_and_all_as_text(
    levels: list[dict[str, Any]], values: list[str]
) -> None:
    shown = merged_tags([[{"tags": {"Key": level}}] for level in levels])
    assert shown == {"tags": {"key": {"tag_value": values, "tag_key": "key"}}}


def test_names_have_any_case_and_the_top_no_value() -> None:
    policy = {"TAGS": {"Key": {"TAG_VALUE": {"@@Assign": ["A"]}}}, "@@assign": ["x"]}
    assert merged_tags([[policy]]) == {"tags": {"key": {"tag_value": ["A"], "tag_key": "key"}}}


def test_what_is_forbidden_at_the_top_is_forbidden_below() -> None:
    parent = {"tags": {"@@operators_allowed_for_child_policies": ["@@none"]}}
    assert merged([[parent], [tag("new", ["1"])]]) == {}


def test_without_policies_the_effective_policy_is_empty(bench: Bench) -> None:
    root = bench.world.organization.org_root_id
    bench.call(ORGANIZATIONS, "EnablePolicyType", RootId=root, PolicyType=TAG_POLICY)
    assert effective(bench, MANAGEMENT) == {}


def test_who_may_ask_about_whom(bench: Bench) -> None:
    attach(bench, MEMBER, tag("k", ["1"]))
    own = bench.call(ORGANIZATIONS, "DescribeEffectivePolicy", "member", PolicyType=TAG_POLICY)
    assert own["EffectivePolicy"]["TargetId"] == MEMBER
    ask = {"PolicyType": TAG_POLICY, "TargetId": DELEGATE}
    refused = bench.refusal(ORGANIZATIONS, "DescribeEffectivePolicy", "member", **ask)
    assert refused.code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("target", "kind", "code", "reason"),
    [
        (MEMBER, "BACKUP_POLICY", "EffectivePolicyNotFoundException", None),
        (MEMBER, "SERVICE_CONTROL_POLICY", "InvalidInputException", "INVALID_ENUM_POLICY_TYPE"),
        (UNIT, TAG_POLICY, "InvalidInputException", "TARGET_NOT_SUPPORTED"),
        ("123412341234", TAG_POLICY, "TargetNotFoundException", None),
    ],
)
def test_what_cannot_be_described(
    bench: Bench, target: str, kind: str, code: str, reason: str | None
) -> None:
    attach(bench, MEMBER, tag("k", ["1"]))
    ask = {"PolicyType": kind, "TargetId": target}
    refused = bench.refusal(ORGANIZATIONS, "DescribeEffectivePolicy", **ask)
    assert (refused.code, refused.members.get("Reason")) == (code, reason)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"plans": {}},
        {"tags": {"k": {"tag_value": ["1"]}}},
        {"tags": {"k": {"tag_value": {"@@assign": {}}}}},
        {"tags": {"k": {"tag_value": {"@@assign": "1"}}}},
        {"tags": {"k": {"tag_key": {"@@assign": ["k"]}}}},
        {"tags": {"k": {"tag_value": {"@@append": "1"}}}},
        {},
        {"tags": {"": {}}},
        {"tags": {"k": {}, "K": {}}},
        {"tags": {"k": {"tag_key": {"@@assign": "other"}}}},
        {"tags": {"k": {"tag_key": {"@@assign": 12}}}},
        {"tags": {"k": {"tag_value": {"@@assign": ["a*b*"]}}}},
        {"tags": {"k": {"tag_value": {"@@assign": [{"x": "y"}]}}}},
        {"tags": {"k": {"colour": {"@@assign": "1"}}}},
        {"tags": {"k": {"@@other": 1}}},
        {"tags": {"@@operators_allowed_for_child_policies": ["@@some"]}},
        {"tags": {"@@operators_allowed_for_child_policies": ["@@none", "@@remove"]}},
        {"tags": {"@@operators_allowed_for_child_policies": ["@@none", "@@Assign"]}},
        {"tags": {"@@operators_allowed_for_child_policies": ["@@assign", "@@assign"]}},
        {"tags": {}, "@@assign": {}},
        {"tags": {"@@assign": []}},
    ],
    ids=json.dumps,
)
def test_malformed_tag_policies_are_refused(bench: Bench, document: object) -> None:
    draft = {"Name": "p", "Description": "", "Type": TAG_POLICY, "Content": json.dumps(document)}
    refused = bench.refusal(ORGANIZATIONS, "CreatePolicy", **draft)
    assert refused.code == "MalformedPolicyDocumentException"
    for content in ("{", '{"tags":{},"tags":{}}'):
        draft["Content"] = content
        assert bench.refusal(ORGANIZATIONS, "CreatePolicy", **draft).code == refused.code


@pytest.mark.parametrize(
    "document",
    [
        {"tags": {}},
        {"tags": {"k": {}}},
        {"tags": {"k": {"tag_value": {"@@assign": [12, True, None, "a*"]}}}},
        {"tags": {"k": {"tag_value": {"@@assign": ["a"], "@@append": ["b"]}}}},
        {"tags": {}, "@@append": "value"},
        {"TAGS": {"Key": {"TAG_VALUE": {"@@Assign": ["a"]}}}},
        {"tags": {"costcenter": {"tag_key": {"@@assign": "CostCenter"}}}},
    ],
    ids=json.dumps,
)
def test_tag_policies_are_accepted(bench: Bench, document: object) -> None:
    draft = {"Name": "p", "Description": "", "Type": TAG_POLICY, "Content": json.dumps(document)}
    assert bench.call(ORGANIZATIONS, "CreatePolicy", by="management", **draft)


@pytest.mark.parametrize(
    "operators",
    [["@@assign", "@@append"], ["@@all", "@@assign"], ["@@None"], ["@@assign", "@@Assign"]],
    ids=json.dumps,
)
def test_child_operators_are_a_choice(bench: Bench, operators: list[str]) -> None:
    content = json.dumps({"tags": {"@@operators_allowed_for_child_policies": operators}})
    draft = {"Name": "p", "Description": "", "Type": TAG_POLICY, "Content": content}
    assert bench.call(ORGANIZATIONS, "CreatePolicy", by="management", **draft)


def test_a_valid_effective_policy_has_no_errors_and_no_time(bench: Bench) -> None:
    attach(bench, MEMBER, tag("k", ["1"]))
    ask = {"AccountId": MEMBER, "PolicyType": TAG_POLICY}
    listed = bench.call(ORGANIZATIONS, "ListEffectivePolicyValidationErrors", **ask)
    assert listed == {**ask, "EffectivePolicyValidationErrors": []}


@pytest.mark.parametrize(
    ("kind", "characters", "attached"),
    [
        (TAG_POLICY, 10_000, 10),
        ("BACKUP_POLICY", 10_000, 10),
        ("DECLARATIVE_POLICY_EC2", 10_000, 10),
        ("S3_POLICY", 10_000, 10),
        (OPT_OUT_POLICY, 2_500, 5),
    ],
)
def test_every_type_has_its_limits(bench: Bench, kind: str, characters: int, attached: int) -> None:
    draft = {"Name": "long", "Description": "", "Type": kind}
    smallest = '{"tags":{}}' if kind == TAG_POLICY else "{}"
    fits = smallest.ljust(characters)
    refused = bench.refusal(ORGANIZATIONS, "CreatePolicy", **draft, Content=fits + " ")
    assert (refused.code, refused.message, refused.members["Reason"]) == (
        "ConstraintViolationException",
        "You have exceeded the maximum policy size.",
        "POLICY_CONTENT_LIMIT_EXCEEDED",
    )
    bench.call(ORGANIZATIONS, "CreatePolicy", **draft, Content=fits)
    for _ in range(attached):
        attach(bench, MEMBER, json.loads(smallest), kind)
    with pytest.raises(Exception, match="ConstraintViolationException") as caught:
        attach(bench, MEMBER, json.loads(smallest), kind)
    assert "You have attached the maximum number of policies" in str(caught.value)


def test_the_last_one_can_be_detached(bench: Bench) -> None:
    policy = attach(bench, MEMBER, tag("k", ["1"]))
    again = bench.refusal(ORGANIZATIONS, "AttachPolicy", PolicyId=policy, TargetId=MEMBER)
    assert (again.code, again.message) == (
        "DuplicatePolicyAttachmentException",
        "A policy with the specified name and type already exists.",
    )
    bench.call(ORGANIZATIONS, "DetachPolicy", PolicyId=policy, TargetId=MEMBER)
    assert effective(bench) == {}


def test_no_effective_policy_is_invalid(bench: Bench) -> None:
    attach(bench, MEMBER, tag("k", ["1"]))
    answer = bench.call(
        ORGANIZATIONS, "ListAccountsWithInvalidEffectivePolicy", PolicyType=TAG_POLICY
    )
    assert answer == {"Accounts": [], "PolicyType": TAG_POLICY}
    ask = {"PolicyType": "BACKUP_POLICY"}
    refused = bench.refusal(ORGANIZATIONS, "ListAccountsWithInvalidEffectivePolicy", **ask)
    assert refused.code == "EffectivePolicyNotFoundException"
