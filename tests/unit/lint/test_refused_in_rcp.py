"""What Organizations does not take in an RCP."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.lint.refused_in_rcp import check
from rootsteward.policy.parse import parse_document

ReadScp = Callable[..., Document]


def rcp(**parts: object) -> Document:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **parts}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return parse_document(text, policy_type=PolicyType.RCP)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"Effect": "Allow"}, "can only Deny"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, "Principal of a"),
        ({"Action": "*"}, "`*` is not an action"),
        ({"Action": ["s3:*", "iam:CreateUser"]}, "`iam:CreateUser` is not an action"),
    ],
)
def test_each_of_them_is_reported(parts: dict[str, object], words: str) -> None:
    (finding,) = check(rcp(**parts))
    assert words in finding.message


@pytest.mark.parametrize(
    "parts", [{}, {"Principal": {"AWS": "*"}}, {"Action": ["S3:Get*", "sqs:*"]}]
)
def test_what_is_taken_is_fine(parts: dict[str, object]) -> None:
    assert not list(check(rcp(**parts)))


def test_an_scp_may_hold_all_of_it(scp: ReadScp) -> None:
    assert not list(check(scp({"Effect": "Allow", "Action": "*"})))


def test_it_agrees_with_what_organizations_stored(shared_data: Path) -> None:
    text = (shared_data / "recordings" / "rcp_syntax.json").read_text(encoding="utf-8")
    for case in json.loads(text):
        if case["name"] == "syntax_unknown_service":
            continue  # The list of services that have RCPs is not kept here.
        document = parse_document(json.dumps(case["content"]), policy_type=PolicyType.RCP)
        unreadable = bool(document.problems or any(s.problems for s in document.statements))
        refused = unreadable or bool(list(check(document)))
        assert refused is not case["accepted"], case["name"]
