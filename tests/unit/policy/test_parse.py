"""Documents keep their order, spelling and places; broken parts are kept with a problem."""

import json
from pathlib import Path
from typing import Any

import pytest

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document, Effect, Quantifier
from rootsteward.policy.parse import PolicySyntaxError, parse_document

TEXT = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {
      "Sid": "DenyRoot",
      "Effect": "Deny",
      "NotAction": ["iam:GetUser", "sts:*"],
      "Resource": "*",
      "Condition": {
        "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", true, 1.50]}
      }
    }
  ]
}"""


def _parse(text: str, policy_type: PolicyType = PolicyType.SCP) -> Document:
    return parse_document(text, name="doc", policy_type=policy_type)


def _problems(statement: dict[str, Any], policy_type: PolicyType = PolicyType.SCP) -> list[str]:
    document = _parse(json.dumps({"Statement": statement}), policy_type)
    return [problem.message for problem in document.statements[0].problems]


def test_a_statement_keeps_its_parts_and_their_places() -> None:
    document = _parse(TEXT)
    statement = document.statements[1]

    assert (statement.sid, statement.effect, statement.index) == ("DenyRoot", Effect.DENY, 1)
    assert (statement.position.line, statement.position.column) == (5, 5)
    assert statement.actions is not None
    assert statement.actions.negated
    assert statement.actions.patterns == ("iam:GetUser", "sts:*")
    assert [p.column for p in statement.actions.positions] == [21, 36]
    assert TEXT[statement.position.offset : statement.end].startswith('{\n      "Sid"')


def test_a_condition_test_is_taken_apart() -> None:
    (test,) = _parse(TEXT).statements[1].conditions

    assert test.quantifier is Quantifier.FOR_ANY_VALUE
    assert (test.operator, test.if_exists) == ("StringLike", True)
    assert test.values == ("a*", "true", "1.50")
    assert TEXT[test.values_position.offset : test.end] == '["a*", true, 1.50]'


def test_one_statement_needs_no_list() -> None:
    document = _parse('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')

    assert len(document.statements) == 1
    assert not document.variables_on


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "a JSON object with a `Statement`"),
        ('{"Version": "2012-10-17"}', "an object with a `Statement`"),
        ('{"Statement": "x"}', "a statement (an object)"),
        ('{"Statement": [[]]}', "a statement (an object)"),
        ('{"Version": "2012-10-18", "Statement": []}', '"2012-10-17" or "2008-10-17"'),
        ('{"Version": 2012, "Statement": []}', '"2012-10-17" or "2008-10-17"'),
        ('{"Id": {}, "Statement": []}', "a string"),
    ],
)
def test_text_that_is_no_policy_is_refused(text: str, expected: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        _parse(text)

    assert caught.value.expected == expected


GOOD = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Effect": "deny"}, '`Effect` is "deny", neither "Allow" nor "Deny"'),
        ({"Effect": None}, '`Effect` is null, neither "Allow" nor "Deny"'),
        ({"Action": 3}, "`Action` holds a number, not a string"),
        ({"NotAction": "s3:*"}, "the statement has both `Action` and `NotAction`"),
        ({"Actions": "s3:*"}, "`Actions` is not an element of a statement"),
        ({"Principal": "*"}, "`Principal` has no meaning in a service control policy"),
        ({"Condition": []}, "`Condition` is a list, not an object"),
        ({"Condition": {"Bool": "x"}}, "`Bool` is a string, not an object"),
        ({"Sid": 1}, "`Sid` is a number, not a string"),
    ],
)
def test_a_broken_part_is_a_problem_of_its_statement(change: dict[str, Any], problem: str) -> None:
    assert _problems({**GOOD, **change}) == [problem]


def test_a_missing_part_is_a_problem() -> None:
    assert _problems({"Effect": "Deny", "Action": "*"}) == [
        "the statement has neither `Resource` nor `NotResource`"
    ]


def test_a_resource_policy_may_leave_the_resource_out_but_not_the_principal() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}

    assert _problems({**trust, "Principal": {"AWS": "*"}}, PolicyType.RESOURCE) == []
    assert _problems(trust, PolicyType.RESOURCE) == ["the statement has no `Principal`"]


@pytest.mark.parametrize("name", ["StringResembles", "NullIfExists", "ForSomeValues:Bool", ""])
def test_an_unknown_operator_is_a_problem_of_its_test(name: str) -> None:
    statement = {**GOOD, "Condition": {name: {"k": "v"}}}
    (test,) = _parse(json.dumps({"Statement": statement})).statements[0].conditions

    assert test.problem is not None
    assert test.problem.message == f"`{name}` is not a condition operator"


def test_operators_are_known_in_any_case() -> None:
    statement = {**GOOD, "Condition": {"forallvalues:stringnotlikeifexists": {"k": "v"}}}
    (test,) = _parse(json.dumps({"Statement": statement})).statements[0].conditions

    assert (test.operator, test.quantifier) == ("StringNotLike", Quantifier.FOR_ALL_VALUES)
    assert test.spelled == "forallvalues:stringnotlikeifexists"


def test_an_element_beside_the_statements_is_a_problem_of_the_document() -> None:
    document = _parse('{"Comment": "x", "Statement": []}')

    assert [p.message for p in document.problems] == ["`Comment` is not a policy element"]


def _refusal(path: Path) -> PolicySyntaxError | None:
    policy_type = PolicyType.RCP if path.name.startswith("rcp-") else PolicyType.SCP
    try:
        parse_document(path.read_text("utf-8"), name=path.name, policy_type=policy_type)
    except PolicySyntaxError as error:
        return error
    return None


def test_every_real_document_is_parsed_or_refused_with_a_reason(shared_data: Path) -> None:
    outcomes = [_refusal(path) for path in sorted((shared_data / "scps").glob("*.json"))]
    refusals = [error for error in outcomes if error is not None]

    assert len(outcomes) >= 636
    assert len(refusals) < 40
    assert all(error.line >= 1 and error.expected for error in refusals)


def test_recorded_resource_control_policies_that_aws_accepts_have_no_problem(
    shared_data: Path,
) -> None:
    path = shared_data / "recordings" / "rcp_syntax.json"
    for case in json.loads(path.read_text(encoding="utf-8")):
        if case["accepted"]:
            document = _parse(json.dumps(case["content"]), PolicyType.RCP)
            assert [s.problems for s in document.statements] == [()], case["name"]
            assert document.version == case["stored"]["Version"]
