"""Tags: put on, taken off, listed; and the condition keys they bring."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox_bench import MANAGEMENT, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from sandbox_bench import Bench

TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
}


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def test_users_and_roles_are_tagged_and_untagged(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=json.dumps(TRUST))
    for kind, name in (("user", {"UserName": "ada"}), ("role", {"RoleName": "R"})):
        getattr(iam, f"tag_{kind}")(**name, Tags=tags(b="1", a="2"))
        getattr(iam, f"tag_{kind}")(**name, Tags=tags(B="3"))
        listed = getattr(iam, f"list_{kind}_tags")(**name)
        assert (listed["Tags"], listed["IsTruncated"]) == (tags(B="3", a="2"), False)
        getattr(iam, f"untag_{kind}")(**name, TagKeys=["A", "nothing"])
        assert getattr(iam, f"list_{kind}_tags")(**name)["Tags"] == tags(B="3")


def test_a_user_without_tags_shows_none(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    assert "Tags" not in iam.get_user(UserName="ada")["User"]


def test_tags_that_cannot_be_are_refused(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    twice = [*tags(a="1"), *tags(A="2")]
    assert call(iam, "TagUser", {"UserName": "ada", "Tags": twice})[:2] == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
    reserved = [{"Key": "aws:x", "Value": ""}]
    assert call(iam, "TagUser", {"UserName": "ada", "Tags": reserved})[0] == "InvalidInput"
    assert call(iam, "TagUser", {"UserName": "ada", "Tags": []})[0] == "InvalidInput"
    assert call(iam, "TagUser", {"UserName": "bob", "Tags": tags(a="1")})[:2] == (
        "NoSuchEntity",
        "The user with name bob cannot be found.",
    )


def test_fifty_tags_are_the_most(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    iam.tag_user(UserName="ada", Tags=tags(**{f"k{n}": "v" for n in range(49)}))
    assert call(iam, "TagUser", {"UserName": "ada", "Tags": tags(x="", y="")})[:2] == (
        "LimitExceeded",
        "The number of tags has reached the maximum limit.",
    )
    iam.tag_user(UserName="ada", Tags=tags(x="", k1="again"))


def test_values_are_checked_by_unicode_category(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    for value in ("é ß Σ 𐐀 ٣\u00a0", ""):
        iam.tag_user(UserName="ada", Tags=tags(a=value))
    for value in ("e\u0301", "a\nb", "\ue000", "a;b"):
        code, message, _ = call(iam, "TagUser", {"UserName": "ada", "Tags": tags(a=value)})
        assert code == "ValidationError"
        assert message.startswith("1 validation error detected: Value at 'tags.1.")
        assert "at 'tags.1.member.value' failed to satisfy constraint" in message


def test_policies_can_ask_for_tags(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada", Tags=tags(team="a"))
    iam.create_user(UserName="bob", Tags=tags(team="b"))
    statement = {
        "Effect": "Allow",
        "Action": ["iam:TagUser", "iam:CreateUser"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "a", "aws:RequestTag/cost": "1"}},
    }
    created = {**statement, "Condition": {"StringEquals": {"aws:RequestTag/cost": "1"}}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [statement, {**created, "Action": "iam:Create*"}],
    }
    key = bench.add_user(MANAGEMENT, "tagger", json.dumps(policy)).access_key_id
    client = boto_client(bench.sandbox, "iam", key)
    client.tag_user(UserName="ada", Tags=tags(cost="1"))
    for user, given in (("ada", tags(cost="2")), ("bob", tags(cost="1"))):
        code, message, _ = call(client, "TagUser", {"UserName": user, "Tags": given})
        assert (code, f"on resource: user {user} because" in message) == ("AccessDenied", True)
    # Making a user with tags is tagging it, too.
    code, message, _ = call(client, "CreateUser", {"UserName": "new", "Tags": tags(cost="1")})
    assert (code, "perform: iam:TagUser" in message) == ("AccessDenied", True)
