import json

import pytest

from rootsteward.operations.locks import LockReport, explain

ACTIONS = ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy")


def report(**statement: object) -> LockReport:
    given = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"} | statement
    kept = {key: value for key, value in given.items() if value is not None}
    return explain(json.dumps({"Statement": [kept]}), ACTIONS)


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": "*"},
        {"Action": ["s3:GetObject", "S3:putbucketpolicy"]},
        {"Action": "s3:P?t*"},
        {"Action": None, "NotAction": "s3:GetObject"},
        {"Principal": {"AWS": ["*"]}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:user/gone"}},
    ],
)
def test_denials_to_everybody_of_what_could_mend_are_locks(statement: dict[str, object]) -> None:
    assert report(**statement).locking == ("statement 1 denies everybody",)


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow"},
        {"Action": "s3:GetObject"},
        {"Action": None, "NotAction": ["s3:*BucketPolicy"]},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:user/someone"}},
        {"Principal": {"Service": "*"}},
        {"Principal": None},
    ],
)
def test_other_statements_are_no_locks(statement: dict[str, object]) -> None:
    assert report(**statement) == LockReport()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": "Deny"}'])
def test_a_text_that_is_no_policy_says_so(text: str) -> None:
    assert explain(text, ACTIONS).unreadable
