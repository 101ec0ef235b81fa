"""The contract of `policy evaluate --jsonl`."""

import json
from typing import Any

import pytest

from rootsteward.policy.jsonl import evaluate_lines

ROOT_USER = "arn:aws:iam::111122223333:root"
FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
NO = {"Sid": "No", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}
DENY = {"Version": "2012-10-17", "Statement": [NO]}
ASKED = {"id": "q1", "principal": ROOT_USER, "action": "iam:GetUser", "resource": ROOT_USER}


def _one(request: object) -> dict[str, Any]:
    (line,) = evaluate_lines([json.dumps(request)])
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_a_request_with_nothing_in_force_is_answered() -> None:
    assert _one(ASKED) == {
        "id": "q1",
        "decision": "allowed",
        "by": None,
        "depends_on": [],
        "why": "nothing denies it, and a root user is allowed within its account",
    }


def test_the_deciding_statement_is_named() -> None:
    answer = _one({**ASKED, "scp_levels": [[FULL], [FULL, json.dumps(DENY)]]})

    assert answer["decision"] == "explicit_deny"
    assert answer["by"] == {
        "policy_type": "service_control_policy",
        "level": 1,
        "policy": "scp_levels[1][1]",
        "statement_index": 0,
        "sid": "No",
        "line": 1,
        "column": 41,
    }


def test_null_means_not_in_force_and_an_empty_level_allows_nothing() -> None:
    assert _one({**ASKED, "scp_levels": None})["decision"] == "allowed"
    assert _one({**ASKED, "scp_levels": []})["decision"] == "allowed"
    assert _one({**ASKED, "scp_levels": [[]]})["decision"] == "implicit_deny"
    assert _one({**ASKED, "rcp_levels": [[]]})["decision"] == "allowed"
    assert _one({**ASKED, "session_policies": []})["decision"] == "implicit_deny"


def test_every_kind_of_policy_takes_part() -> None:
    user = {**ASKED, "principal": "arn:aws:iam::111122223333:user/u"}
    resource_policy = {
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    }

    assert _one(user)["decision"] == "implicit_deny"
    assert _one({**user, "identity_policies": [FULL]})["decision"] == "allowed"
    assert _one({**user, "resource_policy": resource_policy})["decision"] == "allowed"
    bounded = {**user, "identity_policies": [FULL], "permissions_boundary": DENY}
    assert _one(bounded)["by"]["policy_type"] == "permissions_boundary"
    assert _one({**ASKED, "task_policy": DENY})["by"]["policy_type"] == "task_policy"


def test_unknown_keys_are_named_as_they_were_given() -> None:
    lock = {**NO, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = {"Version": "2012-10-17", "Statement": lock}
    request = {**ASKED, "scp_levels": [[FULL, policy]], "unknown_keys": ["AWS:SecureTransport"]}

    answer = _one(request)

    assert (answer["decision"], answer["depends_on"]) == ("depends", ["AWS:SecureTransport"])


def test_context_values_may_be_lists_numbers_and_booleans() -> None:
    condition = {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
        "NumericEquals": {"s3:max-keys": "10"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    policy = {"Statement": {**NO, "Condition": condition}}
    context = {"aws:TagKeys": ["b"], "s3:max-keys": 10, "aws:SecureTransport": True}

    answer = _one({**ASKED, "scp_levels": [[FULL, policy]], "context": context})

    assert answer["decision"] == "explicit_deny"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "input line 1: line 1, column 2: expected a name in double quotes"),
        ("[]", "input line 1: `the request` must be an object"),
        ('{"id": 7}', "input line 1: `principal` must be a string"),
        ('{"id": 7, "colour": 1}', "input line 1: `colour` is not a field of a request"),
        (json.dumps({**ASKED, "scp_levels": FULL}), "input line 1: `scp_levels` must be a list"),
        (json.dumps({**ASKED, "scp_levels": [[1]]}), "input line 1: `scp_levels[0][0]` must be"),
        (json.dumps({**ASKED, "context": {"k": {}}}), "input line 1: `context k` must be"),
        (json.dumps({**ASKED, "unknown_keys": "k"}), "input line 1: `unknown_keys` must be a list"),
        (
            json.dumps({**ASKED, "context": {"aws:SourceIp": "a", "AWS:sourceip": "b"}}),
            "input line 1: `context` has `AWS:sourceip` twice",
        ),
        ('{"id": "a", "id": "b"}', "input line 1: line 1, column 13: expected a name that is not"),
        (
            '{"id": "\\ud800"}',
            "input line 1: line 1, column 9: expected both halves of a surrogate",
        ),
        ('{"id": "\udcff"}', "input line 1: line 1, column 9: expected a printable character"),
        ('{"id": NaN}', "input line 1: line 1, column 8: expected a JSON value"),
        ("[" * 100_000, "input line 1: line 1, column 33: expected at most 32 levels of nesting"),
        ('"' + "x" * 1_000_001, "input line 1: line 1, column 1: expected at most 1,000,000 char"),
    ],
)
def test_a_bad_line_gives_a_line_with_error(line: str, message: str) -> None:
    (answer,) = evaluate_lines([line])

    assert json.loads(answer)["error"].startswith(message)


def test_the_run_goes_on_after_a_bad_line_and_keeps_the_order() -> None:
    lines = [json.dumps({**ASKED, "id": 1}), "nonsense", "", json.dumps({**ASKED, "id": None})]

    answers = [json.loads(line) for line in evaluate_lines(lines)]

    assert [a["id"] for a in answers] == [1, None, None]
    assert ["error" in a for a in answers] == [False, True, False]


@pytest.mark.parametrize(
    ("written", "returned"),
    [
        ("7", 7),
        ("-1.5", -1.5),
        ('"x"', "x"),
        ("true", True),
        ("null", None),
        ("[1]", None),
        ("123456789012345678", "123456789012345678"),
        ("1e999", "1e999"),
    ],
)
def test_an_id_comes_back_as_it_was_and_always_as_json(written: str, returned: object) -> None:
    (line,) = evaluate_lines(
        [json.dumps(ASKED)[:-1].replace('"id": "q1", ', "") + f', "id": {written}}}']
    )

    assert json.loads(line, parse_constant=pytest.fail)["id"] == returned


def test_two_lines_may_have_the_same_id() -> None:
    assert [json.loads(a)["id"] for a in evaluate_lines([json.dumps(ASKED)] * 2)] == ["q1", "q1"]


def test_a_bad_line_keeps_its_id_when_it_has_one() -> None:
    assert _one({"id": "x9", "principal": 3})["id"] == "x9"


def test_an_unreadable_document_is_undetermined_and_no_error() -> None:
    answer = _one({**ASKED, "scp_levels": [["{"]]})

    assert answer["decision"] == "undetermined"
    assert answer["by"]["statement_index"] is None
