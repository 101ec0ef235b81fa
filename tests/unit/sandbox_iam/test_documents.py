"""Documents that IAM does not store: malformed ones and long ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox_replay import call

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def document(*statements: object, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def without(name: str, **more: object) -> dict[str, object]:
    return {key: value for key, value in {**ALLOW, **more}.items() if key != name}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Syntax errors in policy."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        (document(), "Syntax errors in policy."),
        (document("x"), "Syntax errors in policy."),
        (document(without("Effect")), "Syntax errors in policy."),
        (
            document(ALLOW, version="2020-01-01"),
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (document(without("Action")), "Policy statement must contain actions."),
        (document(without("Resource")), "Policy statement must contain resources."),
        (
            document(without("", Principal="*")),
            "Policy document should not specify a principal.",
        ),
        (
            document(without("", Action="ListUsers")),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            document(without("", Resource="bucket")),
            'Resource bucket must be in ARN format or "*".',
        ),
        (
            document({**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            document(without("", Condition={"DateLessThan": {"aws:CurrentTime": "soon"}})),
            "Syntax errors in policy.",
        ),
    ],
)
def test_malformed_documents_are_refused(iam: Any, text: str, message: str) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    put = {"UserName": "ada", "PolicyName": "p", "PolicyDocument": text}
    for operation, request in (
        ("PutUserPolicy", put),
        ("CreatePolicy", {"PolicyName": "P", "PolicyDocument": text}),
    ):
        code, said, output = call(iam, operation, request)
        assert (code, said) == ("MalformedPolicyDocument", message)
        assert output["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**TRUST, "Resource": "*"}, "Has prohibited field Resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "Missing required field Principal"),
    ],
)
def test_malformed_trust_is_refused(iam: Any, statement: object, message: str) -> None:  # noqa: ANN401
    request = {"RoleName": "R", "AssumeRolePolicyDocument": document(statement)}
    assert call(iam, "CreateRole", request)[:2] == ("MalformedPolicyDocument", message)


def test_dates_may_be_variables(iam: Any) -> None:  # noqa: ANN401
    condition = {"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}}
    text = document({**ALLOW, "Condition": condition})
    iam.create_policy(PolicyName="P", PolicyDocument=text)


def long(characters: int) -> str:
    """A document with so many characters that count, and white space that does not."""
    empty = document({**ALLOW, "Sid": ""}).replace(" ", "")
    return "\n \t" + document({**ALLOW, "Sid": "A" * (characters - len(empty))})


@pytest.mark.parametrize(
    ("operation", "request_", "member", "most", "message"),
    [
        (
            "CreatePolicy",
            {"PolicyName": "P"},
            "PolicyDocument",
            6144,
            "Cannot exceed quota for PolicySize: 6144",
        ),
        (
            "PutUserPolicy",
            {"UserName": "ada", "PolicyName": "p"},
            "PolicyDocument",
            2048,
            "Maximum policy size of 2048 bytes exceeded for user ada",
        ),
        (
            "PutRolePolicy",
            {"RoleName": "R", "PolicyName": "p"},
            "PolicyDocument",
            10240,
            "Maximum policy size of 10240 bytes exceeded for role R",
        ),
    ],
)
def test_long_documents_are_refused(
    iam: Any,  # noqa: ANN401
    operation: str,
    request_: dict[str, str],
    member: str,
    most: int,
    message: str,
) -> None:
    iam.create_user(UserName="ada")
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=document(TRUST))
    fits = {**request_, member: long(most)}
    assert call(iam, operation, {**request_, member: long(most + 1)})[:2] == (
        "LimitExceeded",
        message,
    )
    assert call(iam, operation, fits)[0] == "Success"


def test_the_inline_policies_of_a_user_count_together(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    put = {"UserName": "ada", "PolicyDocument": long(1500)}
    assert call(iam, "PutUserPolicy", {**put, "PolicyName": "a"})[0] == "Success"
    assert call(iam, "PutUserPolicy", {**put, "PolicyName": "a"})[0] == "Success"
    assert call(iam, "PutUserPolicy", {**put, "PolicyName": "b"})[0] == "LimitExceeded"


def test_a_trust_policy_has_its_own_limit(iam: Any) -> None:  # noqa: ANN401
    text = document({**TRUST, "Sid": "A" * 2048})
    assert call(iam, "CreateRole", {"RoleName": "R", "AssumeRolePolicyDocument": text})[:2] == (
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    )
